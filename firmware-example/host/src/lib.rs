//! Drives the emulated panel and receiver from outside. Read in this order:
//!
//! 1. [`factory`] makes a flash with an identity, [`emulator`] starts the firmware on it, [`logs`] reads what it logs.
//! 2. [`wire`] asks it over the line, [`screen`] is what a person sees of it, [`words`] says both in words.
//! 3. [`bench`](mod@bench) puts these together, [`site`] is whose device it is.
//! 4. [`replay`] asks it everything that the simulator was asked, [`script`] plays stories at the keypad, [`terminal`] lets a person do it.
//! 5. [`dice`] is for tests that try out more than anybody can think of.
//!
//! Unix only: the emulator's serial lines are sockets in the file system.

#![forbid(unsafe_code)]

pub mod bench;
pub mod dice;
pub mod emulator;
pub mod factory;
pub mod logs;
pub mod replay;
pub mod screen;
pub mod script;
pub mod site;
pub mod terminal;
pub mod wire;
pub mod words;

/// Makes two tests of each of these functions: one for the panel in Rust, and the same for the one in C.
#[macro_export]
macro_rules! for_both_panels {
    ($($test:ident),* $(,)?) => {
        mod in_rust {
            $(#[test]
            fn $test() {
                super::$test($crate::emulator::Language::Rust);
            })*
        }
        mod in_c {
            $(#[test]
            fn $test() {
                super::$test($crate::emulator::Language::C);
            })*
        }
    };
}

/// What goes wrong is told to a person.
pub type Outcome<T> = Result<T, String>;

/// An error with what was being done.
pub(crate) fn at<E: core::fmt::Display>(what: impl core::fmt::Display) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}
