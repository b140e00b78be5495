//! Choosing without branching.
//!
//! The compiler is free to undo this; the instruction counts in `benches` are what shows that it does not.

/// An integer that can be chosen by mask.
pub(crate) trait Maskable: Copy {
    /// `self` where `keep`, all bits zero otherwise.
    fn masked(self, keep: bool) -> Self;
    /// Bits of both.
    fn merged(self, other: Self) -> Self;
}

macro_rules! maskable {
    ($($integer:ty),*) => {$(
        impl Maskable for $integer {
            #[inline(always)]
            fn masked(self, keep: bool) -> Self {
                self & (keep as $integer).wrapping_neg()
            }
            #[inline(always)]
            fn merged(self, other: Self) -> Self {
                self | other
            }
        }
    )*};
}
maskable!(u8, u16, u32, u64, i32, i64);

/// `yes` if `condition`, else `no`, at the same cost either way.
#[inline(always)]
pub(crate) fn select<T: Maskable>(condition: bool, yes: T, no: T) -> T {
    yes.masked(condition).merged(no.masked(!condition))
}

/// Like [`select`], for values that are not integers: both are at hand, one is read.
#[inline(always)]
pub(crate) fn pick<T: Copy>(condition: bool, yes: T, no: T) -> T {
    [no, yes].get(usize::from(condition)).copied().unwrap_or(no)
}
