//! Tests of the live page in a browser.
