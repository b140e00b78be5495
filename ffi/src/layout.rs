//! The layout of everything that crosses the boundary, held at compile time against the numbers that tests/layout.c holds the header against.

use core::mem::offset_of;

use crate::answer::*;
use crate::boundary::Unpadded;
use crate::flash::*;
use crate::request::*;

/// The size of a pointer.
const P: usize = size_of::<*const u8>();

/// Rounded up to whole pointers.
const fn padded(size: usize) -> usize {
    size.div_ceil(P) * P
}

macro_rules! layout {
    ($type:ident, $size:expr $(, $field:ident = $offset:expr)*) => {
        const _: () = {
            assert!(size_of::<$type>() == $size);
            $(assert!(offset_of!($type, $field) == $offset);)*
        };
    };
}

/// The size of a field that is written byte for byte.
const fn bytes_of<T, F: Unpadded>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

/// The same of what C gets back, whose fields leave out no byte: what would be padding is a field `reserved`.
macro_rules! output {
    ($type:ident, $size:expr $(, $field:ident = $offset:expr)*) => {
        layout!($type, $size $(, $field = $offset)*);
        const _: () = assert!(0 $(+ bytes_of(|output: &$type| &output.$field))* == size_of::<$type>(), "an output has padding: make it a field");
        impl Unpadded for $type {}
    };
}

layout!(kh_panel_config, 100, site = 0, cloud_key = 4, code_key = 36, recovery_key = 68);
layout!(
    kh_flash,
    4 * P + padded(12),
    context = 0,
    read = P,
    write = 2 * P,
    erase = 3 * P,
    capacity = 4 * P,
    write_bytes = 4 * P + 4,
    erase_bytes = 4 * P + 8
);
layout!(kh_layout, 8, slot_bytes = 0, journal_bytes = 4);
output!(
    kh_installation,
    200,
    sequence = 0,
    passed = 8,
    remaining = 16,
    room = 20,
    rows = 24,
    capacity = 28,
    row = 30,
    outcome = 32,
    part = 33,
    fault = 34,
    version = 35,
    kind = 36,
    acknowledgement_length = 37,
    acknowledgement = 38,
    reserved = 198
);
layout!(kh_who, 3 * P, typed = 0, typed_length = P, user = 2 * P, kind = 2 * P + 2);
layout!(kh_place, 8, areas = 0, system = 4);
layout!(
    kh_open_close,
    padded(3 * P + 13),
    who = 0,
    place = 3 * P,
    armed_by = 3 * P + 8,
    action = 3 * P + 10,
    remote = 3 * P + 11,
    in_alarm = 3 * P + 12
);
output!(kh_contact_id, 6, event = 0, user = 2, qualifier = 4, group = 5);
output!(
    kh_report,
    32,
    areas = 0,
    engineer = 4,
    site = 8,
    grant = 12,
    contact_id = 16,
    user = 22,
    event = 24,
    system = 25,
    sia = 26,
    reserved = 29
);
output!(
    kh_decision,
    64,
    until = 0,
    close_by = 8,
    verdict = 16,
    grant = 20,
    report = 24,
    user = 56,
    left = 58,
    reason = 60,
    public_reason = 61,
    reserved = 62
);
output!(kh_area_list, 32, systems = 0);
layout!(kh_span, 8, opens_from = 0, must_be_open_by = 2, closes_from = 4, must_be_closed_by = 6);
layout!(
    kh_act,
    padded(3 * P + 69),
    who = 0,
    areas = 3 * P,
    place = 3 * P + 32,
    span = 3 * P + 40,
    date = 3 * P + 48,
    engineer = 3 * P + 52,
    grant = 3 * P + 56,
    minutes = 3 * P + 60,
    target = 3 * P + 62,
    schedule = 3 * P + 64,
    closed = 3 * P + 65,
    answers_request = 3 * P + 66,
    remote = 3 * P + 67,
    kind = 3 * P + 68
);
layout!(kh_engineer_request, 12, engineer = 0, site = 4, capabilities = 8);
layout!(kh_session_request, 8, engineer = 0, site = 4);
layout!(kh_update_request, 72, engineer = 0, site = 4, version = 8, installed = 16, model = 24, image = 40);
output!(kh_due, 48, at = 0, report = 8, kind = 40, reserved = 41);
layout!(kh_identity, 16, bytes = 0);
output!(kh_provenance, 48, sequence = 0, issued_at = 8, digest = 16);
layout!(kh_receiver_config, 68, receiver = 0, cloud_key = 4, recovery_key = 36);
output!(
    kh_head,
    88,
    sequence = 0,
    base = 8,
    issued_at = 16,
    expires_at = 24,
    recipient = 32,
    length = 36,
    key = 40,
    digest = 48,
    kind = 80,
    reserved = 81
);
output!(kh_library, 20, panel_size = 0, receiver_size = 4, alignment = 8, version = 12, blob_format = 18, has_names = 19);
