//! Names for logs. Built with the feature `names`, which is on by default; without it each function answers KH_LEFT_OUT and an empty name.

use core::ffi::c_char;

use crate::boundary::answer;
use crate::number::{kh_event, kh_fault, kh_part, kh_reason};
use crate::value::{kh_blob_kind, kh_status};

/// The name of a reason, as in the documentation; a string that is there for ever.
///
/// * KH_NOT_FOUND: no reason has that number; the name is empty.
/// * KH_LEFT_OUT: the library was built without names; the name is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_reason_name(reason: kh_reason, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::reason(reason)) }
}

/// The name of an event. As for kh_reason_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_event_name(event: kh_event, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::event(event)) }
}

/// The name of a part of a policy. As for kh_reason_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_part_name(part: kh_part, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::part(part)) }
}

/// What is wrong with a row of a policy, to be read after "row n of part". As for kh_reason_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_fault_name(fault: kh_fault, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::fault(fault)) }
}

/// The name of a status. As for kh_reason_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_status_name(status: kh_status, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::status(status)) }
}

/// What a blob of that kind is. As for kh_reason_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_blob_kind_name(kind: kh_blob_kind, name: *mut *const c_char) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { answer(name, || table::blob_kind(kind)) }
}

#[cfg(not(feature = "names"))]
mod table {
    use core::ffi::c_char;

    use crate::value::{KH_LEFT_OUT, kh_status};

    pub(super) const fn left_out(_: u8) -> Result<*const c_char, kh_status> {
        Err(KH_LEFT_OUT)
    }
    pub(super) use left_out as reason;
    pub(super) use left_out as event;
    pub(super) use left_out as part;
    pub(super) use left_out as fault;
    pub(super) use left_out as status;
    pub(super) use left_out as blob_kind;
}

#[cfg(feature = "names")]
mod table {
    use core::ffi::c_char;

    use keyholder::Reason;
    use keyholder::policy::{Fault, Part};
    use keyholder::report::Event;

    use crate::value::*;

    /// A number and its name.
    type Row = (u8, &'static str);

    /// Rows as one run of bytes without pointers, which is smallest and needs no relocation: the number, the name, a NUL, the next number...
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would not build what is out of bounds")]
    const fn packed<const BYTES: usize>(rows: &[Row]) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let (mut row, mut next) = (0, 0);
        while row < rows.len() {
            let (number, name) = (rows[row].0, rows[row].1.as_bytes());
            bytes[next] = number;
            let mut letter = 0;
            while letter < name.len() {
                bytes[next + 1 + letter] = name[letter];
                letter += 1;
            }
            next += name.len() + 2;
            row += 1;
        }
        bytes
    }

    const fn packed_length(mut rows: &[Row]) -> usize {
        let mut length = 0;
        while let [(_, name), rest @ ..] = rows {
            length += name.len() + 2;
            rows = rest;
        }
        length
    }

    /// The name behind a number.
    fn find(packed: &'static [u8], number: u8) -> Result<*const c_char, kh_status> {
        let mut rest = packed;
        while let [known, name @ ..] = rest {
            if *known == number {
                return Ok(name.as_ptr().cast());
            }
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
            rest = name.get(end + 1..).unwrap_or(&[]);
        }
        Err(KH_NOT_FOUND)
    }

    macro_rules! table {
        ($function:ident, $rows:expr) => {
            pub(super) fn $function(number: u8) -> Result<*const c_char, kh_status> {
                const ROWS: &[Row] = &$rows;
                static PACKED: [u8; packed_length(ROWS)] = packed(ROWS);
                find(&PACKED, number)
            }
        };
    }

    macro_rules! all {
        ($type:ident, $name:ident, $values:expr) => {{
            const VALUES: &[$type] = $values;
            let mut rows = [(0, ""); VALUES.len()];
            let mut index = 0;
            while index < VALUES.len() {
                #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would not build what is out of bounds")]
                {
                    rows[index] = (VALUES[index] as u8, VALUES[index].$name());
                }
                index += 1;
            }
            rows
        }};
    }

    table!(reason, all!(Reason, name, Reason::ALL));
    table!(event, all!(Event, name, Event::ALL));
    table!(part, all!(Part, text, Part::ALL));
    table!(fault, all!(Fault, text, Fault::ALL));
    table!(
        status,
        [
            (KH_OK, "KH_OK"),
            (KH_NULL, "KH_NULL"),
            (KH_MISALIGNED, "KH_MISALIGNED"),
            (KH_NOT_INITIALISED, "KH_NOT_INITIALISED"),
            (KH_BAD_VALUE, "KH_BAD_VALUE"),
            (KH_BAD_LENGTH, "KH_BAD_LENGTH"),
            (KH_NOT_FOUND, "KH_NOT_FOUND"),
            (KH_LEFT_OUT, "KH_LEFT_OUT"),
            (KH_NO_FLASH, "KH_NO_FLASH"),
            (KH_NOT_A_BLOB, "KH_NOT_A_BLOB"),
            (KH_NEWER_FORMAT, "KH_NEWER_FORMAT"),
            (KH_WRONG_RECIPIENT, "KH_WRONG_RECIPIENT"),
            (KH_UNKNOWN_KEY, "KH_UNKNOWN_KEY"),
            (KH_BAD_SIGNATURE, "KH_BAD_SIGNATURE"),
            (KH_STALE, "KH_STALE"),
            (KH_EXPIRED, "KH_EXPIRED"),
            (KH_DOES_NOT_FIT, "KH_DOES_NOT_FIT"),
            (KH_INVALID_POLICY, "KH_INVALID_POLICY"),
            (KH_OTHER_BASE, "KH_OTHER_BASE"),
            (KH_TOO_LONG, "KH_TOO_LONG"),
            (KH_NOT_KEPT, "KH_NOT_KEPT"),
            (KH_REFUSED, "KH_REFUSED"),
            (KH_FLASH_TOO_SMALL, "KH_FLASH_TOO_SMALL"),
            (KH_NOT_WHOLE_BLOCKS, "KH_NOT_WHOLE_BLOCKS"),
            (KH_JOURNAL_TOO_SMALL, "KH_JOURNAL_TOO_SMALL"),
            (KH_FLASH_FAILED, "KH_FLASH_FAILED"),
            (KH_FLASH_FOREIGN, "KH_FLASH_FOREIGN"),
        ]
    );
    table!(
        blob_kind,
        [
            (KH_BLOB_PANEL_SNAPSHOT, "panel snapshot"),
            (KH_BLOB_RECEIVER_SNAPSHOT, "receiver snapshot"),
            (KH_BLOB_PANEL_PATCH, "panel patch"),
            (KH_BLOB_RECEIVER_PATCH, "receiver patch"),
            (KH_BLOB_KEY_CHANGE, "key change"),
            (KH_BLOB_CLOCK_CORRECTION, "clock correction"),
        ]
    );
}
