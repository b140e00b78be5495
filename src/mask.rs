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

/// A condition for choices in a loop, hidden from the compiler.
#[derive(Clone, Copy)]
pub struct Mask(i32);

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

    /// All of them if `value` is 0, else none.
    #[inline(always)]
    pub(crate) fn of_zero(value: u32) -> Self {
        // Less than one is nothing but zero: what is borrowed for it are the bits above.
        Self((u64::from(value).wrapping_sub(1) >> 32) as i32)
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
