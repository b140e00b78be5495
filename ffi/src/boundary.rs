//! The one shape of every function: check the output and write its refusing value, check the rest, ask, write the answer.

use zeroize::{Zeroize, Zeroizing};

use crate::value::{KH_BAD_LENGTH, KH_BAD_VALUE, KH_MISALIGNED, KH_NULL, KH_OK, kh_status};

/// What is written byte for byte: a number, a pointer, or a structure whose every byte belongs to a field. Padding is not written by anybody: the caller
/// would find there what the library's stack happened to hold. `layout` says so of each structure, after it has counted.
pub(crate) trait Unpadded {}

macro_rules! numbers {
    ($($type:ty)*) => {$(impl Unpadded for $type {})*};
}
numbers!(u8 i8 u16 u32 i32 u64 i64 usize);
impl<T> Unpadded for *const T {}
impl<T: Unpadded, const N: usize> Unpadded for [T; N] {}

/// What a function writes for its caller.
pub(crate) trait Output: Copy + Unpadded {
    /// What it holds when there is no answer. Nothing in it permits anything.
    const REFUSING: Self;
}

/// What may be read from the caller's memory.
///
/// # Safety
/// Every bit pattern is a value of the type: it is made of integers and pointers.
pub(crate) unsafe trait Input: Copy {}

/// Writes the answer that `work` comes to, and its refusing value until then and if there is none.
///
/// # Safety
/// `output` is NULL, misaligned, or valid for writes, and not used by anybody else meanwhile.
pub(crate) unsafe fn answer<T: Output>(output: *mut T, work: impl FnOnce() -> Result<T, kh_status>) -> kh_status {
    // SAFETY: as for this function.
    unsafe { answer_in_detail(output, || work().map(|answer| (KH_OK, answer))) }
}

/// Like [`answer`], for outputs that have something to tell about a failure.
///
/// # Safety
/// As for [`answer`].
pub(crate) unsafe fn answer_in_detail<T: Output>(output: *mut T, work: impl FnOnce() -> Result<(kh_status, T), kh_status>) -> kh_status {
    if let Err(status) = check(output) {
        return status;
    }
    // SAFETY: neither NULL nor misaligned, and the caller promises that it is valid for writes.
    unsafe { output.write(T::REFUSING) };
    match work() {
        Ok((status, answer)) => {
            // SAFETY: as above.
            unsafe { output.write(answer) };
            status
        }
        Err(status) => status,
    }
}

/// Checks what can be checked about a pointer.
pub(crate) fn check<T>(pointer: *const T) -> Result<(), kh_status> {
    if pointer.is_null() {
        Err(KH_NULL)
    } else if !pointer.is_aligned() {
        Err(KH_MISALIGNED)
    } else {
        Ok(())
    }
}

/// A copy of what the caller passes, so that nothing is borrowed from memory that C may write to.
///
/// # Safety
/// `input` is NULL, misaligned, or valid for reads.
pub(crate) unsafe fn read<T: Input>(input: *const T) -> Result<T, kh_status> {
    check(input)?;
    // SAFETY: neither NULL nor misaligned, valid for reads by the caller's promise, and every bit pattern is a value.
    Ok(unsafe { input.read() })
}

/// What holds a secret and is wiped in the end.
pub(crate) trait Secret: Input + Zeroize {
    /// Holds nothing.
    const BLANK: Self;
}

/// Calls `work` with a copy of what the caller passes, as [`read`] makes it, and wipes the copy whatever comes of it. It is lent, for what is moved is left
/// behind where it was. What `work` copies of it is its own affair; tests/secret.c looks at the stack afterwards, in the library as it is shipped.
///
/// # Safety
/// As for [`read`].
pub(crate) unsafe fn with_secret<T: Secret, R>(input: *const T, work: impl FnOnce(&T) -> Result<R, kh_status>) -> Result<R, kh_status> {
    check(input)?;
    let mut copy = Zeroizing::new(T::BLANK);
    // SAFETY: neither NULL nor misaligned, valid for reads by the caller's promise, every bit pattern is a value, and the copy is new.
    unsafe { (&raw mut *copy).copy_from_nonoverlapping(input, 1) };
    work(&copy)
}

/// The bytes that the caller passes.
///
/// # Safety
/// `bytes` is NULL or valid for reading `length` bytes, which nobody changes during `'a`.
pub(crate) unsafe fn read_bytes<'a>(bytes: *const u8, length: usize, longest: usize) -> Result<&'a [u8], kh_status> {
    check(bytes)?;
    if length > longest {
        return Err(KH_BAD_LENGTH);
    }
    // SAFETY: not NULL, valid by the caller's promise, and far shorter than the address space.
    Ok(unsafe { core::slice::from_raw_parts(bytes, length) })
}

/// The memory that the caller wants a message in: all zero, and no more of it than a message takes.
///
/// # Safety
/// `bytes` is NULL or valid for writing `capacity` bytes, and not used by anybody else during `'a`.
pub(crate) unsafe fn blank<'a>(bytes: *mut u8, capacity: usize, longest: usize) -> Result<&'a mut [u8], kh_status> {
    check(bytes)?;
    let length = capacity.min(longest);
    // SAFETY: not NULL, valid by the caller's promise, and far shorter than the address space. It is written before it is borrowed, for it may never have been.
    Ok(unsafe {
        bytes.write_bytes(0, length);
        core::slice::from_raw_parts_mut(bytes, length)
    })
}

/// A yes or no from C: 1 or 0.
pub(crate) fn flag(value: u8) -> Result<bool, kh_status> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(KH_BAD_VALUE),
    }
}
