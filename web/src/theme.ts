import { createTheme, Drawer, Modal, Popover, Select, Tooltip } from "@mantine/core";

/** The kit's theme; the colours themselves are in styles/base.css, because the page may not make styles. */
export const theme = createTheme({
  primaryColor: "blue",
  defaultRadius: "sm",
  fontFamily: "var(--font)",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Locking the scroll needs a style element, which the policy of the page refuses.
    Modal: Modal.extend({
      defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 0 } },
    }),
    Drawer: Drawer.extend({
      defaultProps: { lockScroll: false, transitionProps: { duration: 0 } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, transitionProps: { duration: 0 } } }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 } } }),
    Select: Select.extend({
      defaultProps: { comboboxProps: { transitionProps: { duration: 0 } } },
    }),
  },
});
