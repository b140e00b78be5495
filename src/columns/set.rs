//! Sets of spans.

use core::fmt::Debug;
use core::ops::{BitAnd, BitOr, Not};

use crate::mask::{Mask, select};

/// A set of the spans of a site, a bit for each: `u16`, `u32`, `u64` or [`Wide`].
///
/// A [`Panel`](crate::Panel) takes one with as many bits as its `SPANS`, its `SCHEDULES` and the `LOCAL` spans that users may set at the keypad are together, and with two for
/// each of its `LAYERS` and of those. With fewer it does not compile.
#[allow(private_interfaces, reason = "only this crate can name them")]
pub trait SpanSet: Copy + Debug + Eq + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> + Sealed {}

/// What a set can do, and arrays with room for something of each bit.
pub trait Sealed: Sized {
    /// How many bits there are: a power of two.
    const BITS: usize;
    const NONE: Self;
    /// An array for a minute of each bit, and so on; and what is in it at first, all of it zero.
    type Minutes: AsRef<[i16]> + AsMut<[i16]> + Copy + Debug;
    type Sets: AsRef<[Self]> + AsMut<[Self]> + Copy + Debug;
    type Dates: AsRef<[i32]> + AsMut<[i32]> + Copy + Debug;
    const NO_MINUTES: Self::Minutes;
    const NO_SETS: Self::Sets;
    const NO_DATES: Self::Dates;

    /// The set of one bit.
    fn bit(position: u8) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn doubled(self) -> Self;
    fn is_empty(&self) -> bool;
    fn bits(self) -> u128;
    /// With `other` if `bits` is not 0.
    fn joined(self, other: Self, bits: u32) -> Self;
}

/// 128 bits that are aligned as 64 are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide([u64; 2]);

impl Wide {
    const fn of(bits: u128) -> Self {
        Self([bits as u64, (bits >> 64) as u64])
    }

    const fn bits(self) -> u128 {
        let Self([low, high]) = self;
        (high as u128) << 64 | low as u128
    }
}

impl BitAnd for Wide {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self::of(self.bits() & other.bits())
    }
}

impl BitOr for Wide {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self::of(self.bits() | other.bits())
    }
}

impl Not for Wide {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self::of(!self.bits())
    }
}

/// For an integer that is a set by itself.
const fn itself<T: Copy>(bits: T) -> T {
    bits
}

#[inline(always)]
fn joined_by_choice<Set: SpanSet>(set: Set, other: Set, bits: u32) -> Set {
    select(bits != 0, set | other, set)
}

/// A choice of two words in a loop would be a branch on x86.
#[inline(always)]
fn joined_by_mask(set: Wide, other: Wide, bits: u32) -> Wide {
    set | (other & !Wide::of(Mask::of_below(bits, 1).bits() as u128))
}

/// Sets that are made of the bits of an integer.
macro_rules! span_sets {
    ($($set:ty, $bits:ty, $of:expr, $to:expr, $joined:expr;)*) => {$(
        impl SpanSet for $set {}
        #[allow(private_interfaces, reason = "only this crate can name them")]
        impl Sealed for $set {
            const BITS: usize = <$bits>::BITS as usize;
            const NONE: Self = $of(0);
            type Minutes = [i16; <Self as Sealed>::BITS];
            type Sets = [Self; <Self as Sealed>::BITS];
            type Dates = [i32; <Self as Sealed>::BITS];
            const NO_MINUTES: Self::Minutes = [0; <Self as Sealed>::BITS];
            const NO_SETS: Self::Sets = [Self::NONE; <Self as Sealed>::BITS];
            const NO_DATES: Self::Dates = [0; <Self as Sealed>::BITS];

            // A shift of two words is long, and there are many of them where columns are made.
            #[inline(never)]
            fn bit(position: u8) -> Self {
                $of(1 << (u32::from(position) % <$bits>::BITS))
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                $of($to(self).wrapping_add($to(other)))
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                $of($to(self).wrapping_sub($to(other)))
            }
            #[inline(always)]
            fn doubled(self) -> Self {
                $of($to(self) << 1)
            }
            #[inline(always)]
            fn is_empty(&self) -> bool {
                $to(*self) == 0
            }
            #[inline(always)]
            fn bits(self) -> u128 {
                u128::from($to(self))
            }
            #[inline(always)]
            fn joined(self, other: Self, bits: u32) -> Self {
                $joined(self, other, bits)
            }
        }
    )*};
}
span_sets! {
    u16, u16, itself, itself, joined_by_choice;
    u32, u32, itself, itself, joined_by_choice;
    u64, u64, itself, itself, joined_by_choice;
    Wide, u128, Wide::of, Wide::bits, joined_by_mask;
}
