//! How devices lie in the caller's memory.
//!
//! The header works the size out from the capacities with the numbers below, for C knows none of our types. That they are enough is checked when the
//! library is compiled, and that header and library mean the same capacities when a program is linked: the names of the functions that make a device carry them.

use core::mem::MaybeUninit;

use keyholder::blob::Provenance;
use keyholder::store::Layout;
use keyholder::{Panel, Receiver};

use crate::boundary::check;
use crate::flash::{Flash, kh_layout};
use crate::kept::{AskedPanel, AskedReceiver, InFlash};
use crate::value::{KH_NOT_INITIALISED, kh_status};

include!(concat!(env!("OUT_DIR"), "/capacities.rs"));

pub(crate) type PanelDevice = Panel<
    PANEL_CONTACTS,
    PANEL_LISTS,
    PANEL_SCHEDULES,
    PANEL_LAYERS,
    PANEL_SPANS,
    PANEL_HOLIDAYS,
    PANEL_WINDOWS,
    PANEL_ENGINEERS,
    PANEL_GRANTS,
    PANEL_AUTHORISATIONS,
    PANEL_LOCAL,
    PanelSet,
>;
pub(crate) type ReceiverDevice = Receiver<RECEIVER_SITES, RECEIVER_ENGINEERS, RECEIVER_GRANTS, RECEIVER_AUTHORISATIONS>;

/// Bytes of a panel without any rows, at most.
pub const KH_PANEL_FIXED_BYTES: u32 = 1984_u32;
/// Bytes of a receiver without any rows, at most.
pub const KH_RECEIVER_FIXED_BYTES: u32 = 1088_u32;
/// Bytes a contact takes, with its code, its passcode and what is remembered about it.
pub const KH_CONTACT_BYTES: u32 = 64_u32;
/// Bytes a list of areas takes.
pub const KH_LIST_BYTES: u32 = 32_u32;
/// Bytes a schedule takes.
pub const KH_SCHEDULE_BYTES: u32 = 50_u32;
/// Bytes a layer of a schedule takes.
pub const KH_LAYER_BYTES: u32 = 16_u32;
/// Bytes a span takes.
pub const KH_SPAN_BYTES: u32 = 12_u32;
/// Bytes a bit of the sets of spans takes, besides five sets: see KH_SPAN_BITS.
pub const KH_BIT_BYTES: u32 = 17_u32;
/// Bytes a holiday takes.
pub const KH_HOLIDAY_BYTES: u32 = 10_u32;
/// Bytes a temp-open window takes.
pub const KH_WINDOW_BYTES: u32 = 76_u32;
/// Bytes a site takes on a receiver.
pub const KH_SITE_BYTES: u32 = 32_u32;
/// Bytes an engineer takes.
pub const KH_ENGINEER_BYTES: u32 = 24_u32;
/// Bytes a grant takes, with its session.
pub const KH_GRANT_BYTES: u32 = 80_u32;
/// Bytes a firmware authorisation takes.
pub const KH_AUTHORISATION_BYTES: u32 = 88_u32;
/// Bytes that room for a span and a grant from the keypad takes.
pub const KH_LOCAL_BYTES: u32 = 104_u32;

/// Bytes of a copy of a device's journal without any contacts, grants and sessions, at most.
pub const KH_JOURNAL_FIXED_BYTES: u32 = 3904_u32;
/// Bytes of it that a contact or a grant takes.
pub const KH_JOURNAL_ROW_BYTES: u32 = 29_u32;

/// Words of a [`kh_panel`]; the header has the same sum.
///
/// cbindgen:ignore
pub const KH_PANEL_WORDS: usize = words(
    KH_PANEL_FIXED_BYTES,
    &[
        (PANEL_CONTACTS, KH_CONTACT_BYTES),
        (PANEL_LISTS, KH_LIST_BYTES),
        (PANEL_SCHEDULES, KH_SCHEDULE_BYTES),
        (PANEL_LAYERS, KH_LAYER_BYTES),
        (PANEL_SPANS, KH_SPAN_BYTES),
        (SPAN_BITS, KH_BIT_BYTES + 5 * SPAN_BITS as u32 / 8),
        (PANEL_HOLIDAYS, KH_HOLIDAY_BYTES),
        (PANEL_WINDOWS, KH_WINDOW_BYTES),
        (PANEL_ENGINEERS, KH_ENGINEER_BYTES),
        (PANEL_GRANTS, KH_GRANT_BYTES),
        (PANEL_AUTHORISATIONS, KH_AUTHORISATION_BYTES),
        (PANEL_LOCAL, KH_LOCAL_BYTES),
    ],
);
/// Words of a [`kh_receiver`]; the header has the same sum.
///
/// cbindgen:ignore
pub const KH_RECEIVER_WORDS: usize = words(
    KH_RECEIVER_FIXED_BYTES,
    &[
        (RECEIVER_SITES, KH_SITE_BYTES),
        (RECEIVER_ENGINEERS, KH_ENGINEER_BYTES),
        (RECEIVER_GRANTS, KH_GRANT_BYTES),
        (RECEIVER_AUTHORISATIONS, KH_AUTHORISATION_BYTES),
    ],
);

const fn words(fixed: u32, mut rows: &[(usize, u32)]) -> usize {
    let mut bytes = fixed as usize;
    while let [(count, size), rest @ ..] = rows {
        bytes += *count * *size as usize;
        rows = rest;
    }
    bytes.div_ceil(8)
}

/// A panel: one site's policy, ledger and keys. Declare it `static` and hand it to kh_panel_init() or kh_panel_boot(); its contents are the library's.
/// A booted one is not copied, and no two are booted on one flash.
#[repr(C)]
pub struct kh_panel {
    /// KH_PANEL_SIZE bytes, aligned to 8.
    words: [u64; KH_PANEL_WORDS],
}

/// A receiver: the engineers, grants and firmware authorisations of many sites. Declare it `static` and hand it to kh_receiver_init() or
/// kh_receiver_boot(); its contents are the library's.
/// A booted one is not copied, and no two are booted on one flash.
#[repr(C)]
pub struct kh_receiver {
    /// KH_RECEIVER_SIZE bytes, aligned to 8.
    words: [u64; KH_RECEIVER_WORDS],
}

/// Finds what is asked in the memory of a device.
type View<D> = fn(*mut InFlash<D>) -> *mut <D as Device>::Asked;

/// What the storage really holds.
#[repr(C)]
struct Contents<D: Device> {
    /// [`Device::MARKER`] when there is a device.
    marker: u64,
    /// How it is asked: [`Device::in_memory`] or [`Device::in_flash`].
    asked: MaybeUninit<View<D>>,
    /// The device with its flash; or at the beginning of the same memory, the device alone.
    device: MaybeUninit<InFlash<D>>,
}

/// A device that lies in C's memory.
pub(crate) trait Device: keyholder::Device + Sized {
    /// What C calls it.
    type Storage;
    /// What it is asked.
    type Asked: ?Sized;
    /// What memory that holds it begins with, and no other memory.
    const MARKER: u64;
    /// One that is not set up.
    const BLANK: Self;
    /// The policy that decides, if one does.
    fn provenance(&self) -> Option<&Provenance>;
    /// The device alone, which lies there.
    fn in_memory(place: *mut InFlash<Self>) -> *mut Self::Asked;
    /// The device with its flash, which lies there.
    fn in_flash(place: *mut InFlash<Self>) -> *mut Self::Asked;
}

impl Device for PanelDevice {
    type Storage = kh_panel;
    type Asked = dyn AskedPanel;
    const MARKER: u64 = 0x9D6A_C3F1_70E2_4B58;
    const BLANK: Self = Self::blank();
    fn provenance(&self) -> Option<&Provenance> {
        Self::provenance(self)
    }
    fn in_memory(place: *mut InFlash<Self>) -> *mut Self::Asked {
        place.cast::<Self>()
    }
    fn in_flash(place: *mut InFlash<Self>) -> *mut Self::Asked {
        place
    }
}

impl Device for ReceiverDevice {
    type Storage = kh_receiver;
    type Asked = dyn AskedReceiver;
    const MARKER: u64 = 0x62B5_1E8C_D947_3FA0;
    const BLANK: Self = Self::blank();
    fn provenance(&self) -> Option<&Provenance> {
        Self::provenance(self)
    }
    fn in_memory(place: *mut InFlash<Self>) -> *mut Self::Asked {
        place.cast::<Self>()
    }
    fn in_flash(place: *mut InFlash<Self>) -> *mut Self::Asked {
        place
    }
}

const fn fits<D: Device>() -> bool {
    size_of::<Contents<D>>() <= size_of::<D::Storage>() && align_of::<Contents<D>>() <= align_of::<D::Storage>()
}
const _: () = assert!(fits::<PanelDevice>(), "a panel has grown: raise the bytes of its rows above");
const _: () = assert!(fits::<ReceiverDevice>(), "a receiver has grown: raise the bytes of its rows above");

/// Whether the header's KH_PANEL_JOURNAL_BYTES and KH_RECEIVER_JOURNAL_BYTES are enough.
const fn is_enough<D: Device>(rows: usize) -> bool {
    Layout::journal_for::<D>() <= KH_JOURNAL_FIXED_BYTES + KH_JOURNAL_ROW_BYTES * rows as u32
}
const _: () =
    assert!(is_enough::<PanelDevice>(PANEL_CONTACTS + PANEL_GRANTS), "a panel remembers more: raise the bytes of its journal above");
const _: () = assert!(is_enough::<ReceiverDevice>(RECEIVER_GRANTS), "a receiver remembers more: raise the bytes of its journal above");

#[cfg(preset = "small")]
const _: fn(PanelDevice, ReceiverDevice) -> (keyholder::SmallPanel, keyholder::SmallReceiver) = |panel, receiver| (panel, receiver);
#[cfg(preset = "standard")]
const _: fn(PanelDevice, ReceiverDevice) -> (keyholder::StandardPanel, keyholder::StandardReceiver) = |panel, receiver| (panel, receiver);
#[cfg(preset = "large")]
const _: fn(PanelDevice, ReceiverDevice) -> (keyholder::LargePanel, keyholder::LargeReceiver) = |panel, receiver| (panel, receiver);

/// Puts a device into the caller's memory.
///
/// # Safety
/// `storage` is NULL, misaligned, or valid for writes, and not used by anybody else meanwhile.
pub(crate) unsafe fn init<D: Device>(storage: *mut D::Storage, set_up: impl FnOnce(&mut D)) -> Result<(), kh_status> {
    check(storage)?;
    let contents = storage.cast::<Contents<D>>();
    // SAFETY: neither NULL nor misaligned, valid for writes by the caller's promise, and at least as large as `Contents<D>`: see `fits`.
    // The marker comes last and that of an earlier device goes first, so that memory is never taken for a device that is not there yet.
    unsafe {
        (&raw mut (*contents).marker).write(0);
        let device = (&raw mut (*contents).device).cast::<D>();
        // A constant of zeros is written where it stays; a value would be made on the stack.
        device.write(D::BLANK);
        set_up(&mut *device);
        (&raw mut (*contents).asked).write(MaybeUninit::new(D::in_memory));
        (&raw mut (*contents).marker).write(D::MARKER);
    }
    Ok(())
}

/// Puts a device into the caller's memory and starts it there with what `flash` holds. If that fails the memory is wiped.
///
/// # Safety
/// As for [`init`].
pub(crate) unsafe fn boot<D: Device>(
    storage: *mut D::Storage,
    set_up: impl FnOnce(&mut InFlash<D>),
    flash: Flash,
    layout: kh_layout,
) -> Result<(), kh_status> {
    check(storage)?;
    let contents = storage.cast::<Contents<D>>();
    // SAFETY: as in `init`. Until the device has started the memory has no marker, that of an earlier device neither.
    let started = unsafe {
        (&raw mut (*contents).marker).write(0);
        let layout = flash.layout(layout);
        let place = (&raw mut (*contents).device).cast::<InFlash<D>>();
        // A constant, but for the flash, is written where it stays; a value would be made on the stack.
        place.write(InFlash::at_rest(D::BLANK, flash));
        set_up(&mut *place);
        layout.and_then(|layout| (*place).start(layout))
    };
    // SAFETY: as above, and as for this function.
    unsafe {
        match started {
            Ok(()) => {
                (&raw mut (*contents).asked).write(MaybeUninit::new(D::in_flash));
                (&raw mut (*contents).marker).write(D::MARKER);
            }
            Err(_) => wipe(storage)?,
        }
    }
    started
}

/// The device in the caller's memory.
///
/// # Safety
/// `storage` is NULL, misaligned, or memory that nobody else uses during `'a` and whose first word was only ever written by this
/// library, or by chance.
pub(crate) unsafe fn device<'a, D: Device>(storage: *mut D::Storage) -> Result<&'a mut D::Asked, kh_status> {
    check(storage)?;
    let contents = storage.cast::<Contents<D>>();
    // SAFETY: neither NULL nor misaligned, and at least as large as `Contents<D>`: see `fits`.
    if unsafe { (&raw const (*contents).marker).read() } != D::MARKER {
        return Err(KH_NOT_INITIALISED);
    }
    // SAFETY: the marker stands there, so `init` or `boot` has put a device behind it and said how it is asked, and the caller promises that nobody
    // else uses it.
    Ok(unsafe {
        let asked = (*contents).asked.assume_init();
        &mut *asked((&raw mut (*contents).device).cast())
    })
}

/// Overwrites the caller's memory with zeros, keys and all, whatever it holds.
///
/// # Safety
/// As for [`init`].
pub(crate) unsafe fn wipe<S>(storage: *mut S) -> Result<(), kh_status> {
    check(storage)?;
    let words = storage.cast::<u64>();
    for index in 0..size_of::<S>() / size_of::<u64>() {
        // SAFETY: inside the storage. Volatile, because nobody reads it afterwards and the compiler would leave it out.
        unsafe { words.add(index).write_volatile(0) };
    }
    core::sync::atomic::compiler_fence(core::sync::atomic::Ordering::SeqCst);
    Ok(())
}
