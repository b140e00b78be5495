//! Weighed: what every image has.

#![no_std]
#![no_main]

use keyholder_measure as _;

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    loop {
        core::hint::black_box(keyholder_measure::ask::number());
    }
}
