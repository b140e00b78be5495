//! Fixed-size tables in key order.

use crate::mask::{Mask, select};

/// A row of a [`Table`].
pub(crate) trait Row: Copy + 'static {
    /// What fills the slots that hold no row. Its key is [`EMPTY_KEY`], and nothing in it permits anything. All its bytes are zero, so that a new device
    /// is, too.
    const EMPTY: &'static Self;
    /// What the table is ordered by.
    fn key(&self) -> u64;
}

/// A row whose key is an id that is never 0; an empty row's 0 sorts last.
pub(crate) trait Identified: Row {
    fn id(&self) -> u32;
}

/// The key of a row with this id.
pub(crate) const fn key_of_id(id: u32) -> u64 {
    let absent = (id == 0) as u64;
    id as u64 | absent.wrapping_neg()
}

const _: () = assert!(key_of_id(0) == EMPTY_KEY);

/// The key of an empty slot: above every row's.
pub(crate) const EMPTY_KEY: u64 = u64::MAX;

/// Up to `N` rows in ascending key order.
///
/// All `N` slots always hold a value, empty ones [`Row::EMPTY`]: a scan or search costs the same however many rows there are.
#[derive(Clone, Debug)]
pub(crate) struct Table<T, const N: usize> {
    slots: [T; N],
    length: u16,
}

impl<T: Row, const N: usize> Table<T, N> {
    pub(crate) const EMPTY: Self = Self { slots: [*T::EMPTY; N], length: 0 };

    /// All `N` slots, the empty ones last.
    pub(crate) fn slots(&self) -> &[T; N] {
        &self.slots
    }

    /// The rows that are there.
    pub(crate) fn rows(&self) -> &[T] {
        self.slots.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// The same, to be changed in everything but what they are ordered by.
    pub(crate) fn rows_mut(&mut self) -> &mut [T] {
        self.slots.get_mut(..usize::from(self.length)).unwrap_or(&mut [])
    }

    pub(crate) fn is_full(&self) -> bool {
        usize::from(self.length) >= N
    }

    /// Empties every slot; nothing of the former rows stays in memory.
    pub(crate) fn clear(&mut self) {
        self.truncate(0);
    }

    /// Puts `row` into slot `index`, which is that of a row or the first empty one. `false`: there is no such slot.
    pub(crate) fn set(&mut self, index: usize, row: T) -> bool {
        let Some(slot) = self.slots.get_mut(index) else { return false };
        *slot = row;
        self.length = self.length.max(index as u16 + 1);
        true
    }

    /// Keeps the first rows, so many of them; freed slots are wiped.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(freed) = self.slots.get_mut(length..) {
            freed.fill(*T::EMPTY);
        }
        self.length = length as u16;
    }

    /// Puts `row` where its key belongs, in place of a row with the same key. `false`: no slot is left, nothing changed.
    pub(crate) fn put(&mut self, row: T) -> bool {
        let index = self.rows().iter().take_while(|slot| slot.key() < row.key()).count();
        let replaces = self.slots.get(index).is_some_and(|slot| slot.key() == row.key());
        if !replaces && self.is_full() {
            return false;
        }
        let moved = if replaces { 0 } else { usize::from(self.length) - index };
        let mut carried = row;
        for slot in self.slots.iter_mut().skip(index).take(moved + 1) {
            core::mem::swap(slot, &mut carried);
        }
        self.length += u16::from(!replaces);
        true
    }

    /// Keeps the rows for which `keep` holds, in order; freed slots are wiped.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for index in 0..usize::from(self.length) {
            let Some(row) = self.slots.get(index).copied() else { break };
            if keep(&row) {
                if let Some(slot) = self.slots.get_mut(kept) {
                    *slot = row;
                }
                kept += 1;
            }
        }
        self.truncate(kept);
    }
}

/// How many of the `slots` come before something: those first ones that are `below` it. The number of steps depends on the number of slots alone.
///
/// For tables of up to [`MOST_COUNTED`] slots whose length is known where this is called. Else choices would be made in a loop, of which LLVM makes branches on x86.
#[inline(always)]
pub(crate) fn count_below<T>(slots: &[T], below: impl Fn(&T) -> bool) -> usize {
    // One by one: in a loop a step takes twice as many instructions.
    let halve = |rest| halve(rest, &below);
    let rest = halve(halve(halve(halve(halve(slots)))));
    let rest = halve(halve(halve(halve(halve(rest)))));
    // Where it has ended tells how many come before it: to count them on the way would take half as long again.
    let before = (rest.as_ptr() as usize).wrapping_sub(slots.as_ptr() as usize) / size_of::<T>().max(1);
    before + usize::from(rest.first().is_some_and(&below))
}

/// In a longer table it would not find the right slot: whoever has one asserts that it is no longer.
pub(crate) const MOST_COUNTED: usize = 1024;

/// The half of these slots in which the last one is that is `below` something; the slot itself, if there is but one.
#[inline(always)]
fn halve<T>(slots: &[T], below: impl Fn(&T) -> bool) -> &[T] {
    match slots.split_at(slots.len() / 2) {
        // Both as long as the upper half, which may be the longer one by one.
        (lower @ [.., last], upper) => select(below(last), upper, slots.get(..upper.len()).unwrap_or(lower)),
        _ => slots,
    }
}

/// Like [`count_below`], for tables of any length.
#[inline(always)]
fn count_below_in<T>(slots: &[T], below: impl Fn(&T) -> Mask) -> usize {
    let is_below = |index: usize| slots.get(index).map_or(0, |slot| below(slot).bits() as usize);
    // The last one that is known to be below; at first the one before all.
    let mut last = usize::MAX;
    let mut size = slots.len();
    while size > 1 {
        let half = size / 2;
        last = last.wrapping_add(half & is_below(last.wrapping_add(half)));
        size -= half;
    }
    let next = last.wrapping_add(1);
    next + (1 & is_below(next))
}

/// Index of the first slot whose key is not below `key`.
pub(crate) fn lower_bound<T: Row>(slots: &[T], key: u64) -> usize {
    count_below_in(slots, |slot| Mask::of(slot.key() < key))
}

/// The slot at `index`; the empty row behind the last one.
pub(crate) fn at<T: Row>(slots: &[T], index: usize) -> &T {
    let last = slots.len().saturating_sub(1);
    let slot = slots.get(index.min(last)).unwrap_or(T::EMPTY);
    select(index <= last, slot, T::EMPTY)
}

/// The row with that id, or the empty row.
pub(crate) fn find_id<T: Identified>(slots: &[T], id: u32) -> &T {
    find_slot_in(slots, id).1
}

/// Like [`find_slot_of_id`], for tables of any length.
pub(crate) fn find_slot_in<T: Identified>(slots: &[T], id: u32) -> (usize, &T) {
    let index = count_below_in(slots, |slot| Mask::of_below(slot.id().wrapping_sub(1), id.wrapping_sub(1)));
    (index, row_with_id(slots, index, id))
}

/// The row with that id and the index of its slot; the empty row and some index if there is none. For tables whose length is known where this is called.
#[inline(always)]
pub(crate) fn find_slot_of_id<T: Identified>(slots: &[T], id: u32) -> (usize, &T) {
    let index = count_below(slots, |slot| is_below(slot, id));
    (index, row_with_id(slots, index, id))
}

/// An empty row's 0 is above all.
#[inline(always)]
fn is_below<T: Identified>(slot: &T, id: u32) -> bool {
    slot.id().wrapping_sub(1) < id.wrapping_sub(1)
}

#[inline(always)]
fn row_with_id<T: Identified>(slots: &[T], index: usize, id: u32) -> &T {
    let slot = slots.get(index.min(slots.len().saturating_sub(1))).unwrap_or(T::EMPTY);
    select(slot.id() == id, slot, T::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Number(u64);
    impl Row for Number {
        const EMPTY: &'static Self = &Number(EMPTY_KEY);
        fn key(&self) -> u64 {
            self.0
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Id(u32);
    impl Row for Id {
        const EMPTY: &'static Self = &Id(0);
        fn key(&self) -> u64 {
            key_of_id(self.0)
        }
    }
    impl Identified for Id {
        fn id(&self) -> u32 {
            self.0
        }
    }

    #[test]
    fn rows_are_found_whatever_the_capacity_and_fill() {
        fn check<const N: usize>(highest: u32) {
            let mut table = Table::<Id, N>::EMPTY;
            for fill in 0..=N as u32 {
                // From the highest id downwards, and then as if nobody was asked for.
                for below in 0..2 * N as u32 + 2 {
                    let id = highest - below;
                    let expected = if below % 2 == 1 && below < 2 * fill { id } else { 0 };
                    assert_eq!(find_id(table.slots(), id).0, expected, "{N} slots, {fill} rows, id {id}");
                }
                assert_eq!(find_id(table.slots(), 0).0, 0);
                assert_eq!(find_id(table.slots(), 1).0, 0);
                assert_eq!(table.put(Id(highest - 2 * fill - 1)), fill < N as u32);
            }
        }
        check::<1>(u32::MAX >> 1);
        check::<2>(u32::MAX >> 1);
        check::<3>(u32::MAX);
        check::<7>(999);
        check::<8>(u32::MAX);
        check::<33>(u32::MAX >> 1);
        check::<33>(u32::MAX);
    }

    #[test]
    fn rows_stay_in_order_and_freed_slots_are_wiped() {
        let mut table = Table::<Number, 4>::EMPTY;
        for key in [5, 1, 9, 5, 3] {
            assert!(table.put(Number(key)));
        }
        assert_eq!(table.rows(), [Number(1), Number(3), Number(5), Number(9)]);
        assert!(!table.put(Number(4)), "full");
        table.retain(|row| row.0 % 3 != 0);
        assert_eq!(table.slots(), &[Number(1), Number(5), Number(EMPTY_KEY), Number(EMPTY_KEY)]);
    }
}
