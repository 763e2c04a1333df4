"""What the dashboard and its interface are guarded against, by id, in a few words.

Tests say which of them they show with ``@pytest.mark.security("S-07")``; ``tools/make_security.py``
makes the table in the docs from that.
"""

from typing import Final, NamedTuple


class Requirement(NamedTuple):
    """One requirement.

    Args:
        title: what must hold.
        left: what of it does not hold, and why; empty when all of it does.
    """

    title: str
    left: str = ""


REQUIREMENTS: Final = {
    "S-01": Requirement("it listens on its own machine, or speaks TLS, or does not start"),
    "S-02": Requirement("no route without a word who asks, but the sign of life and the page"),
    "S-03": Requirement("roles; everybody known may stop trading, few may let it go on"),
    "S-04": Requirement(
        "nobody sees or touches an account that is not theirs",
    ),
    "S-05": Requirement("the first password is random, shown once and changed at once"),
    "S-06": Requirement(
        "passwords are long, not guessed soon and kept as argon2id; codes for who trades",
        "WebAuthn is not built: codes of an app are the one second factor. On a desk of one machine "
        "without a live account they are a choice (dashboard.second_factor)",
    ),
    "S-07": Requirement("sessions are random, kept as hashes, end by themselves and at the server"),
    "S-08": Requirement("no page of another site can make a browser act"),
    "S-09": Requirement("only sites that are named may read answers"),
    "S-10": Requirement(
        "a name that is not ours is not answered, and nobody forwards by saying so"
    ),
    "S-11": Requirement(
        "sockets of the web", "there are none: live updates are a stream of events, one way"
    ),
    "S-12": Requirement("nobody asks too often, and nothing limits or delays a kill"),
    "S-13": Requirement(
        "one key, one act",
        "a kill without a key, or with one that came with another body, is done all the same",
    ),
    "S-14": Requirement("what comes in is small, flat, strict and exact"),
    "S-15": Requirement(
        "what goes out is no more than is needed",
        "the name of an account is shown whole to whoever may see it, because it is what they type "
        "to act on it; settings mask account numbers and passwords",
    ),
    "S-16": Requirement("arming takes two people, or a time to cool off, and survives no restart"),
    "S-17": Requirement(
        "what loosens takes two people, where there are two",
        "looser limits, ADJUSTMENTs and further accounts come only from the terminal of the machine, "
        "under the name of its user, and ask one person",
    ),
    "S-18": Requirement("nobody allows what they have not seen, nor several orders at once"),
    "S-19": Requirement("who did what, or tried to, cannot be taken out of the log unnoticed"),
    "S-20": Requirement("no log holds a secret, and no text begins a line of its own"),
    "S-21": Requirement(
        "files with secrets are their owner's alone",
        "there is no keyring: secrets are in files of mode 0600 or in variables",
    ),
    "S-22": Requirement(
        "links behind the desk know who speaks",
        "signals are signed for each strategy; the rights of Redis users and of database roles are "
        "set up by whoever runs those servers",
    ),
    "S-23": Requirement(
        "a gateway without a sign-in is reached on this machine, and its account checked"
    ),
    "S-24": Requirement("the browser is told to allow nothing that the page does not need"),
    "S-25": Requirement("no text of a broker or a strategy becomes part of the page"),
    "S-26": Requirement(
        "what goes wrong says nothing of why, and a guard that breaks lets nobody in"
    ),
    "S-27": Requirement("what was checked still holds when it is done"),
    "S-28": Requirement("no debugging, no contract and no figures for everybody"),
    "S-29": Requirement("nothing is called that a person did not name"),
    "S-30": Requirement(
        "a strategy cannot hand orders to a broker, and stops nobody when it ends, hangs or floods",
        "a strategy that is replayed runs in the process of the replay; a live one can read what the "
        "user that runs it can read, so one that is not trusted needs a user of its own",
    ),
    "S-31": Requirement(
        "what it is made of is pinned with hashes, and listed in every release",
        "releases are not signed, and no gate looks for known holes: both need a service outside",
    ),
    "S-32": Requirement("the contract is one file, and cannot drift from the routes"),
    "S-33": Requirement("what a broker says is not trusted either"),
    "S-34": Requirement("jobs are run by hand only by those who may, and only known ones"),
    "S-35": Requirement("what may only read cannot do anything else"),
    "S-36": Requirement(
        "trading is stopped without the desk, its file or the network",
    ),
}
