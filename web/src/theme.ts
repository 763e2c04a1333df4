import { createTheme, Modal, Popover } from "@mantine/core";

/** The kit's theme; colours are in styles/base.css, because the page may not make styles itself. */
export const theme = createTheme({
  primaryColor: "blue",
  defaultRadius: "sm",
  fontFamily: "var(--font)",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Locking the scroll needs a style element, which the policy of the page refuses.
    Modal: Modal.extend({
      defaultProps: {
        lockScroll: false,
        centered: true,
        transitionProps: { duration: 0 },
        closeButtonProps: { "aria-label": "Close" },
      },
    }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 } } }),
  },
});
