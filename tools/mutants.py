"""Make mutants: small changes to a module, each of which some test ought to notice.

What is changed: comparisons (boundary and negation), arithmetic, ``and`` and ``or``, conditions
turned round, numbers, truth values and words in capitals (reason codes, outcomes), returned values,
statements left out, ``break`` and ``continue``, and the elements of tables. What is not: sentences
for people, docstrings, annotations, assertions, imports, ``__all__``.
"""  # noqa: INP001  # a program, not a package

import ast
import copy
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

CODE: Final = re.compile(r"[A-Z][A-Z_]{2,}")
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
ASKED: Final = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.NamedExpr, ast.BoolOp)
TYPES: Final = ("tuple[", "dict[", "list[", "Callable[", "Mapping[")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Mutant(NamedTuple):
    """One change.

    Args:
        function: dotted name of the outermost function it is in; empty beside all functions.
        first: first line of the statement it changes.
        last: its last line.
        was: the statement before.
        now: the statement after, empty when it is left out.
        tree: the whole module, changed.
        key: name that stays while the function and the change stay.
    """

    function: str
    first: int
    last: int
    was: str
    now: str
    tree: ast.Module
    key: str


class _Place(NamedTuple):
    """A node that can be changed: the statement it stands in, and the function around that."""

    node: ast.AST
    statement: ast.stmt
    function: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(source)
    places = list(_places(tree))
    texts = {function: _text(source, tree, function) for function in {p.function for p in places}}
    seen: dict[str, int] = {}
    for place in places:
        was = ast.unparse(place.statement)
        for changed in _changes(place):
            copied, node, statement = _copied(tree, place)
            left_out = _apply(copied, node, changed)
            now = "" if left_out else ast.unparse(statement)
            if now == was:
                continue
            ast.fix_missing_locations(copied)
            told = "\n".join((place.function, texts[place.function], was, now))
            seen[told] = seen.get(told, 0) + 1
            key = hashlib.sha256(f"{told}\n{seen[told]}".encode()).hexdigest()[:16]
            last = place.statement.end_lineno or place.statement.lineno
            yield Mutant(place.function, place.statement.lineno, last, was, now, copied, key)


def _text(source: str, tree: ast.Module, function: str) -> str:
    """Return the source of a function; of what stands beside them nothing, it has no one text."""
    for node, name in _functions(tree, ""):
        if name == function:
            return ast.get_source_segment(source, node) or ""
    return ""


def _functions(node: ast.AST, above: str) -> Iterator[tuple[Function, str]]:
    """Yield the outermost functions, methods too, with their dotted names."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, Function):
            yield inner, above + inner.name
        elif isinstance(inner, ast.ClassDef):
            yield from _functions(inner, f"{above}{inner.name}.")
        elif isinstance(inner, ast.stmt):
            yield from _functions(inner, above)


def _places(tree: ast.Module) -> Iterator[_Place]:
    named = {id(node): name for node, name in _functions(tree, "")}
    yield from _below(tree.body, "", named)


def _below(body: list[ast.stmt], function: str, named: dict[int, str]) -> Iterator[_Place]:
    for statement in body:
        if _is_silent(statement):
            continue
        inside = named.get(id(statement), function)
        if not isinstance(statement, Function | ast.ClassDef):
            yield _Place(statement, statement, inside)
        for node in _expressions(statement, inside):
            # The defaults of a function are made where it is defined, not where it runs.
            owner = function if isinstance(statement, Function | ast.ClassDef) else inside
            yield _Place(node, statement, owner)
        for inner in _bodies(statement):
            yield from _below(inner, inside, named)


def _is_silent(node: ast.stmt) -> bool:
    """Return whether a statement decides nothing."""
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.Pass | ast.Global):
        return True
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        alias = isinstance(node.value, ast.Subscript) and ast.unparse(node.value).startswith(TYPES)
        return "__all__" in names or alias
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list):
            yield inner
    for handler in getattr(statement, "handlers", []):
        yield handler.body
    for case in getattr(statement, "cases", []):
        yield case.body


def _expressions(statement: ast.stmt, function: str) -> Iterator[ast.AST]:
    """Yield what is computed in the statement itself, not in the statements below it."""
    for name, value in ast.iter_fields(statement):
        if name in {"annotation", "returns", "decorator_list", "bases", "keywords", "type_params"}:
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.arguments):
                yield from _computed([*part.defaults, *filter(None, part.kw_defaults)])
            elif isinstance(part, ast.match_case):
                yield from _computed(filter(None, [part.guard]))
            elif isinstance(part, ast.expr | ast.withitem | ast.comprehension):
                if not function and isinstance(statement, ast.AnnAssign | ast.Assign):
                    yield from _tables(part)
                yield from _computed([part])


def _computed(parts: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for part in parts:
        if isinstance(part, ast.JoinedStr) or (
            isinstance(part, ast.keyword) and part.arg == "strict"
        ):
            continue
        yield part
        yield from _computed(list(ast.iter_child_nodes(part)))


def _tables(part: ast.AST) -> Iterator[ast.AST]:
    """Yield the elements of a table beside functions, as things that can be left out."""
    if isinstance(part, ast.Dict):
        if len(part.keys) > 1:
            yield from (_Element(part, index) for index in range(len(part.keys)))
    elif isinstance(part, ast.Tuple | ast.List | ast.Set):
        if len(part.elts) > 1:
            yield from (_Element(part, index) for index in range(len(part.elts)))
    else:
        for inner in ast.iter_child_nodes(part):
            yield from _tables(inner)


class _Element(ast.AST):
    """An element of a table, by its place."""

    def __init__(self, table: ast.AST, index: int) -> None:
        super().__init__()
        self.table = table
        self.index = index


Change = ast.AST | type[ast.cmpop] | tuple[int, type[ast.cmpop]] | None


def _changes(place: _Place) -> Iterator[Change]:
    """Yield what a node may become; None leaves it out."""
    node = place.node
    match node:
        case _Element():
            yield None
        case ast.stmt():
            yield from _statements(node)
        case ast.Constant():
            yield from _constants(node)
        case ast.expr():
            yield from _operations(node)
        case _:
            return


def _operations(node: ast.expr) -> Iterator[Change]:
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                yield from ((index, other) for other in COMPARED[type(operator)])
        case ast.BinOp() if type(node.op) in COUNTED and not _is_text(node):
            yield ast.BinOp(node.left, COUNTED[type(node.op)](), node.right)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other, node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp() if isinstance(node.test, ASKED):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case _:
            return


def _is_text(node: ast.BinOp) -> bool:
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Constant | ast.JoinedStr)]
    return any(isinstance(part, ast.JoinedStr) or isinstance(part.value, str) for part in parts)


def _constants(node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool(value):
            yield ast.Constant(not value)
        case int(value):
            yield ast.Constant(value + 1)
        case str(value) if CODE.fullmatch(value):
            yield ast.Constant(f"{value}_MUTATED")
        case str(value) if NUMBER.fullmatch(value):
            yield ast.Constant(f"1{value.lstrip('-')}")
        case _:
            return


def _statements(node: ast.stmt) -> Iterator[Change]:
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.If(test=test) | ast.While(test=test) if isinstance(test, ASKED):
            changed = copy.copy(node)
            changed.test = ast.UnaryOp(ast.Not(), test)
            yield changed
        case ast.AugAssign(op=operator) if type(operator) in COUNTED:
            yield ast.AugAssign(node.target, COUNTED[type(operator)](), node.value)
            yield None
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield None
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Delete():
            yield None
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case _:
            return


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _copied(tree: ast.Module, place: _Place) -> tuple[ast.Module, ast.AST, ast.stmt]:
    """Return a copy of the tree with the node and the statement in it."""
    known: dict[int, object] = {}
    copied = copy.deepcopy(tree, known)
    node = place.node
    inside = node.table if isinstance(node, _Element) else node
    found = known[id(inside)]
    statement = known[id(place.statement)]
    assert isinstance(found, ast.AST)
    assert isinstance(statement, ast.stmt)
    return copied, _Element(found, node.index) if isinstance(node, _Element) else found, statement


def _apply(tree: ast.Module, node: ast.AST, changed: Change) -> bool:
    """Change the node in the tree; return whether a whole statement was left out."""
    if isinstance(node, _Element):
        _drop(node)
        return False
    if isinstance(changed, tuple):
        assert isinstance(node, ast.Compare)
        node.ops[changed[0]] = changed[1]()
        return False
    if changed is None:
        _replace(tree, node, ast.Pass())
        return True
    fresh = copy.deepcopy(changed)
    assert isinstance(fresh, ast.AST)
    if type(fresh) is type(node):  # in place, so that the statement around it shows the change
        for name, value in ast.iter_fields(fresh):
            setattr(node, name, value)
    else:
        _replace(tree, node, fresh)
    return False


def _drop(node: _Element) -> None:
    table = node.table
    if isinstance(table, ast.Dict):
        del table.keys[node.index], table.values[node.index]
    else:
        assert isinstance(table, ast.Tuple | ast.List | ast.Set)
        del table.elts[node.index]


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    if isinstance(old, ast.stmt | ast.expr) and isinstance(new, ast.stmt | ast.expr):
        ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list) and any(part is old for part in value):
                value[[part is old for part in value].index(True)] = new
                return


__all__ = ["Mutant", "mutants"]
