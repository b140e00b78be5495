//! Choosing without branching.
//!
//! The compiler is free to undo this; the instruction counts in `benches` are what shows that it does not.

use core::hint::{black_box, select_unpredictable};

/// An integer that can be chosen by mask.
pub(crate) trait Maskable: Copy {
    /// `self` where `keep`, all bits zero otherwise. For loops over columns, which the compiler turns into masks by itself.
    fn masked(self, keep: bool) -> Self;
    /// `self` where the mask's condition holds, else `other`.
    fn by(self, mask: Mask, other: Self) -> Self;
}

macro_rules! maskable {
    ($($integer:ty),*) => {$(
        impl Maskable for $integer {
            #[inline(always)]
            fn by(self, mask: Mask, other: Self) -> Self {
                let mask = mask.0 as $integer;
                (self & mask) | (other & !mask)
            }
            #[inline(always)]
            fn masked(self, keep: bool) -> Self {
                self & (keep as $integer).wrapping_neg()
            }
        }
    )*};
}
maskable!(u8, u16, u32, u64, i16, i32, i64);

/// `yes` if `condition`, else `no`, at the same cost either way. Not in a loop that stays one, nor between bytes: of those LLVM makes branches on x86, and
/// [`Mask`] and [`pick`] are for them.
#[inline(always)]
pub(crate) fn select<T>(condition: bool, yes: T, no: T) -> T {
    select_unpredictable(condition, yes, no)
}

/// A condition for choices in a loop: hidden from the compiler, or made by arithmetic that it does not take for a comparison.
#[derive(Clone, Copy)]
pub(crate) struct Mask(i32);

impl Mask {
    #[inline(always)]
    pub(crate) fn of(condition: bool) -> Self {
        Self(black_box(-i32::from(condition)))
    }

    /// All of them, or none.
    #[inline(always)]
    pub(crate) const fn bits(self) -> i32 {
        self.0
    }

    /// All of them if `one` is below `other`, else none.
    #[inline(always)]
    pub(crate) fn of_below(one: u32, other: u32) -> Self {
        // What is borrowed are the bits above.
        Self((u64::from(one).wrapping_sub(u64::from(other)) >> 32) as i32)
    }

    /// Like [`select`].
    #[inline(always)]
    pub(crate) fn select<T: Maskable>(self, yes: T, no: T) -> T {
        yes.by(self, no)
    }
}

/// Like [`select`], for bytes, of which x86 has no conditional move: both lie in memory, one is read.
#[inline(always)]
pub(crate) fn pick<T: Copy>(condition: bool, yes: T, no: T) -> T {
    [no, yes].get(black_box(usize::from(condition))).copied().unwrap_or(no)
}

/// `bits` one place further up, and below them whether `one` and `other` together are more than 32 bits hold.
///
/// `x` is above `y` if `x` and `!y` are.
#[inline(always)]
pub(crate) fn carried(bits: u32, one: u32, other: u32) -> u32 {
    if usize::BITS == 32 {
        // As one addition of twice as many bits: on an Arm processor that is two instructions, and a bit that is asked for by itself two more.
        let wide = |low| u64::from(bits) << 32 | u64::from(low);
        (wide(one).wrapping_add(wide(other)) >> 32) as u32
    } else {
        bits << 1 | ((u64::from(one) + u64::from(other)) >> 32) as u32
    }
}

/// A bit for each of up to 32 rows for which it `holds`, the first row lowest.
#[inline(always)]
pub(crate) fn flags<T>(rows: &[T], holds: impl Fn(&T) -> bool) -> u32 {
    let flag = |row: &T| u32::from(holds(row));
    let (fours, rest) = rows.as_chunks();
    let mut flags = rest.iter().rev().fold(0, |flags, row| flags << 1 | flag(row));
    // Four at a time: a loop of its own for each is a third more.
    for [a, b, c, d] in fours.iter().rev() {
        flags = flags << 4 | flag(d) << 3 | flag(c) << 2 | flag(b) << 1 | flag(a);
    }
    flags
}

/// `number / DIVISOR` of a number of at most so many `BITS`, at the same cost whatever it is.
///
/// Every compiler divides by multiplying, but for a processor that does not multiply to 64 bits either (M0+, which has no atomic exchange, too): there a loop
/// would take the longer the larger the quotient is.
#[inline(always)]
pub(crate) const fn quotient<const DIVISOR: u32, const BITS: u32>(number: u32) -> u32 {
    if cfg!(all(target_arch = "arm", not(target_has_atomic = "32"))) { multiplied::<DIVISOR, BITS>(number) } else { number / DIVISOR }
}

#[inline(always)]
const fn multiplied<const DIVISOR: u32, const BITS: u32>(number: u32) -> u32 {
    let (reciprocal, shift) = const { reciprocal(DIVISOR, BITS) };
    ((number as u64 * reciprocal as u64) >> shift) as u32
}

/// 2 to the power of the second number, divided by `divisor` and rounded up: so little is added that no quotient of `bits` changes (Granlund and Montgomery).
const fn reciprocal(divisor: u32, bits: u32) -> (u32, u32) {
    let mut shift = 32;
    loop {
        let reciprocal = (1_u64 << shift).div_ceil(divisor as u64);
        let added = reciprocal * divisor as u64 - (1 << shift);
        if added <= 1 << (shift - bits) {
            assert!(reciprocal <= u32::MAX as u64, "with fewer bits the reciprocal is small enough");
            return (reciprocal as u32, shift);
        }
        shift += 1;
    }
}

/// `value`, worked out here and now. Where only one answer needs it, the compiler would leave the work to that answer's branch.
#[inline(always)]
pub(crate) fn settled<T>(value: T) -> T {
    black_box(value)
}

/// What `option` holds, else `default`; read at the same cost either way.
#[inline(always)]
pub(crate) fn unwrapped<T: Copy>(option: &Option<T>, default: T) -> T {
    *black_box(option.as_ref().unwrap_or(&default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_exact_up_to_the_last_number() {
        fn check<const DIVISOR: u32, const BITS: u32>() {
            let last = u32::MAX >> (32 - BITS);
            let multiples = (0..=last / DIVISOR).step_by(1 + (last / DIVISOR / 100_000) as usize).chain([last / DIVISOR]);
            let around = |multiple: u32| [-1, 0, 1].map(|beside| (multiple * DIVISOR).saturating_add_signed(beside));
            for number in multiples.flat_map(around).chain([last]).filter(|number| *number <= last) {
                assert_eq!(multiplied::<DIVISOR, BITS>(number), number / DIVISOR, "{number} / {DIVISOR}");
            }
        }
        check::<15, 32>();
        check::<1440, 29>();
        check::<146_097, 24>();
        check::<1461, 18>();
        check::<7, 24>();
    }
}
