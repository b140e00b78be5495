//! What needs no device: the heads of blobs, dates, and the library itself.

use keyholder::blob::{FORMAT_VERSION, Head};
use keyholder::time::Date;

use crate::answer::{kh_head, kh_library, status_of};
use crate::boundary::{answer, read_bytes};
use crate::storage::{kh_panel, kh_receiver};
use crate::value::{KH_BAD_VALUE, KH_LONGEST_BLOB, kh_date, kh_status};

/// Reads the head of a blob, of which the first 144 bytes are enough, without judging who wrote it: to find out whose it is and
/// whether it is worth fetching.
///
/// * KH_NOT_A_BLOB and KH_NEWER_FORMAT: it is not one that this library reads.
/// * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_blob_head(blob: *const u8, length: usize, head: *mut kh_head) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(head, || {
            let blob = read_bytes(blob, length, KH_LONGEST_BLOB as usize)?;
            Head::read(blob).map(Into::into).map_err(|refusal| status_of(&refusal))
        })
    }
}

/// The date of a year (1970..=2499), month (1..=12) and day (1..=31).
///
/// * KH_BAD_VALUE: the calendar has no such day; `date` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_date_of(year: u16, month: u8, day: u8, date: *mut kh_date) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(date, || {
            let in_range = (1970..=2499).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
            let date = if in_range { Date::new(year, month, day) } else { return Err(KH_BAD_VALUE) };
            if date.civil() == (year, month, day) { Ok(date.0) } else { Err(KH_BAD_VALUE) }
        })
    }
}

/// What library was linked, for a program to log and to compare with its header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_about(library: *mut kh_library) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(library, || Ok(THIS)) }
}

const THIS: kh_library = kh_library {
    panel_size: size_of::<kh_panel>() as u32,
    receiver_size: size_of::<kh_receiver>() as u32,
    alignment: align_of::<kh_panel>() as u32,
    version: [number(env!("CARGO_PKG_VERSION_MAJOR")), number(env!("CARGO_PKG_VERSION_MINOR")), number(env!("CARGO_PKG_VERSION_PATCH"))],
    blob_format: FORMAT_VERSION,
    has_names: cfg!(feature = "names") as u8,
};

/// A decimal number of the manifest.
const fn number(digits: &str) -> u16 {
    let mut rest = digits.as_bytes();
    let mut value = 0;
    while let [digit, tail @ ..] = rest {
        value = value * 10 + (*digit - b'0') as u16;
        rest = tail;
    }
    value
}
