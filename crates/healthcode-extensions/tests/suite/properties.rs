//! Properties of all views and all extensions.
