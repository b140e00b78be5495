//! A panel: what its firmware calls.

use crate::answer::{kh_decision, kh_due, kh_installation, kh_provenance, read_dues};
use crate::boundary::{answer, answer_in_detail, blank, read, read_bytes, with_secret};
use crate::flash::{kh_flash, kh_layout};
use crate::request::{
    instant, kh_act, kh_area_list, kh_engineer_request, kh_identity, kh_open_close, kh_panel_config, kh_session_request, kh_update_request,
    time,
};
use crate::storage::{PanelDevice, boot, device, init, kh_panel, wipe};
use crate::value::{KH_BAD_LENGTH, KH_HEAD_BYTES, KH_LONGEST_BLOB, KH_NOT_FOUND, KH_OK, KH_REPORT_BYTES, kh_damage, kh_instant, kh_status};
use keyholder::code::CodeKey;
use keyholder::engineer::Identity;

/// Makes a panel without a policy in `panel`: it denies everything until one is installed. Whatever the memory held before is gone.
///
/// It lives in memory alone: without power, policy and ledger are gone. See kh_panel_boot().
///
/// * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF (a recovery key may be all 0x00), or the same public key twice.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_PANEL_INIT"))]
pub unsafe extern "C" fn kh_panel_init(panel: *mut kh_panel, config: *const kh_panel_config) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(panel)?;
            with_secret(config, |config| {
                let (site, keys) = config.check()?;
                init::<PanelDevice>(panel, |panel| panel.set_up(site, keys, CodeKey::new(config.code_key)))
            })
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Makes a panel in `panel` that keeps policy and ledger in `flash`, and starts it with what it finds there: after a loss of power it is what it was. A flash
/// that has been erased makes a panel that denies everything. `flash` and `layout` are copied; what flash->context points to has to stay.
///
/// From then on it is asked like any other. What an answer changes in the ledger is in the flash before the call returns; if it cannot be written there, the
/// answer is a refusal with KH_REASON_NOT_KEPT and has permitted nothing, but for a closing, which protects. Site and code key are those of `config` each time; its public keys count
/// for a flash that has been erased, and later ones come by key changes.
///
/// * KH_NULL: a pointer or one of the functions of `flash` is NULL.
/// * KH_BAD_VALUE: as for kh_panel_init(), or `flash` has a unit or a block that the library was not built for.
/// * KH_FLASH_TOO_SMALL, KH_NOT_WHOLE_BLOCKS, KH_JOURNAL_TOO_SMALL, KH_FLASH_FAILED, KH_FLASH_FOREIGN: it cannot be booted so, and `panel` is wiped.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_PANEL_BOOT"))]
pub unsafe extern "C" fn kh_panel_boot(
    panel: *mut kh_panel,
    config: *const kh_panel_config,
    flash: *const kh_flash,
    layout: *const kh_layout,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(panel)?;
            with_secret(config, |config| {
                let (flash, layout) = (read(flash)?, read(layout)?);
                let (site, keys) = config.check()?;
                let flash = flash.flash()?;
                boot::<PanelDevice>(panel, |panel| panel.stored.set_up(site, keys, CodeKey::new(config.code_key)), flash, layout)
            })
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Overwrites `panel` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
/// kh_panel_init() or kh_panel_boot(). Its flash stays as it is: erase that yourself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_wipe(panel: *mut kh_panel) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { wipe(panel).err().unwrap_or(KH_OK) }
}

/// Checks the `length` bytes of a blob and, if nothing is wrong with them, does what it says: a snapshot or a patch decides from now on. What the device
/// remembers stays, but for what belonged to contacts, engineers and grants that are no longer there.
///
/// * KH_OK: installed now, or already: see `outcome`.
/// * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the blob. Nothing has changed; the old policy goes on deciding.
/// * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
///
/// By far the longest call, and the one that takes most of the stack: it verifies an Ed25519 signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_install(
    panel: *mut kh_panel,
    blob: *const u8,
    length: usize,
    now: kh_instant,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let panel = device::<PanelDevice>(panel)?;
            let blob = read_bytes(blob, length, KH_LONGEST_BLOB as usize)?;
            Ok(panel.install(blob, time(now)))
        })
    }
}

/// Begins to install a blob that comes in pieces, with its head: its first KH_HEAD_BYTES bytes, which is what `length` has to be. They are judged at once, so
/// that nothing is fetched that is not for this device, too old or too long. The rest goes to kh_panel_append(), and then comes kh_panel_finish().
/// Once the head is found right, what has come of another blob is forgotten.
///
/// * KH_OK with KH_POLICY_AWAITED: fetch the rest. With KH_POLICY_ALREADY_INSTALLED: there is no need to.
/// * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the head. Nothing has changed.
/// * KH_BAD_LENGTH: these are not KH_HEAD_BYTES.
/// * KH_NO_FLASH: the device was made by kh_panel_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_begin(
    panel: *mut kh_panel,
    head: *const u8,
    length: usize,
    now: kh_instant,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let panel = device::<PanelDevice>(panel)?;
            let head = read_bytes(head, length, KH_HEAD_BYTES)?;
            panel.begin(head.first_chunk().ok_or(KH_BAD_LENGTH)?, time(now))
        })
    }
}

/// Takes the next `length` bytes of the blob that has been begun, however many they are. The policy is as it was.
///
/// * KH_OK: `remaining` says how many are still to come.
/// * KH_NOT_A_BLOB: none has been begun, or it is longer than it says. Begin again.
/// * KH_NOT_KEPT: the flash did not keep it. Begin again.
/// * KH_NO_FLASH: the device was made by kh_panel_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_append(
    panel: *mut kh_panel,
    bytes: *const u8,
    length: usize,
    installation: *mut kh_installation,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let panel = device::<PanelDevice>(panel)?;
            let bytes = read_bytes(bytes, length, KH_LONGEST_BLOB as usize)?;
            panel.append(bytes)
        })
    }
}

/// Checks the blob that has come and, if nothing is wrong with it, does what it says, as kh_panel_install().
///
/// * KH_NOT_A_BLOB: none has been begun, or not all of it has come. Begin again.
/// * KH_NO_FLASH: the device was made by kh_panel_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_finish(panel: *mut kh_panel, now: kh_instant, installation: *mut kh_installation) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer_in_detail(installation, || {
            let panel = device::<PanelDevice>(panel)?;
            panel.finish(time(now))
        })
    }
}

/// Writes a report to the cloud into `bytes`, in postcard: what the device holds and what only it knows, and up to KH_REPORT_DUES of the deadlines that
/// kh_panel_supervise() has answered. `dues` may be NULL if `count` is 0; a `capacity` of KH_REPORT_BYTES is always enough. `length` bytes are the report,
/// and nothing else is.
///
/// * KH_BAD_LENGTH: `capacity` is too small for this report, or `count` is above KH_REPORT_DUES.
/// * KH_BAD_VALUE: one of `dues` is none that was answered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_report(
    panel: *const kh_panel,
    dues: *const kh_due,
    count: usize,
    now: kh_instant,
    bytes: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(length, || {
            let buffer = blank(bytes, capacity, KH_REPORT_BYTES)?;
            let panel = device::<PanelDevice>(panel.cast_mut())?;
            let dues = read_dues(dues, count)?;
            let report = match panel.stored() {
                Some(stored) => stored.report(dues.list(), time(now), buffer),
                None => panel.device().report(dues.list(), time(now), buffer),
            };
            report.map(<[u8]>::len).ok_or(KH_BAD_LENGTH)
        })
    }
}

/// The time that the device goes by when its clock reads `now`; KH_TIME_UNKNOWN if it does not believe the clock. It believes none that is below the
/// highest reading it has seen by more than the policy's tolerance: by this a display tells that the clock has to be put right. Nothing is changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_believed_time(panel: *const kh_panel, now: kh_instant, believed: *mut kh_instant) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(believed, || {
            let panel = device::<PanelDevice>(panel.cast_mut())?;
            Ok(instant(panel.device().believed_time(time(now))))
        })
    }
}

/// What the device has found wrong in its flash since it was booted. One without a flash has nothing to find.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_damage(panel: *const kh_panel, damage: *mut kh_damage) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(damage, || {
            let panel = device::<PanelDevice>(panel.cast_mut())?;
            Ok(panel.stored().map_or(0, |stored| stored.damage().bits()))
        })
    }
}

/// May the contact open or close? If so, it counts as done.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
/// * KH_BAD_LENGTH: more than KH_LONGEST_TYPED bytes were typed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_open_close(
    panel: *mut kh_panel,
    request: *const kh_open_close,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            request.ask(|request| panel.open_close(request, time(now)).into())
        })
    }
}

/// May the contact do this? If so, it is done.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
/// * KH_BAD_LENGTH: more than KH_LONGEST_TYPED bytes were typed or told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_act(
    panel: *mut kh_panel,
    request: *const kh_act,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            request.ask(|request| panel.act(request, time(now)).into())
        })
    }
}

/// May the engineer do this?
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_engineer(
    panel: *mut kh_panel,
    request: *const kh_engineer_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            let request = request.request()?;
            Ok(panel.engineer(&request, time(now)).into())
        })
    }
}

/// May the engineer begin a session? If so, it is begun.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_begin_session(
    panel: *mut kh_panel,
    request: *const kh_session_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            let request = request.request()?;
            Ok(panel.begin_session(&request, time(now)).into())
        })
    }
}

/// Ends the engineer's session.
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_end_session(
    panel: *mut kh_panel,
    request: *const kh_session_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            let request = request.request()?;
            Ok(panel.end_session(&request, time(now)).into())
        })
    }
}

/// May the engineer install this firmware?
///
/// * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_update(
    panel: *mut kh_panel,
    request: *const kh_update_request,
    now: kh_instant,
    decision: *mut kh_decision,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(decision, || {
            let (panel, request) = (device::<PanelDevice>(panel)?, read(request)?);
            let request = request.request()?;
            Ok(panel.update(&request, time(now)).into())
        })
    }
}

/// What has fallen due, one deadline a call, earliest first; `armed` are the areas that are armed now.
/// Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once: keep a `due` until it is sent. The first call
/// of a device only begins: what was due before it is not reported.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_supervise(
    panel: *mut kh_panel,
    armed: *const kh_area_list,
    now: kh_instant,
    due: *mut kh_due,
) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(due, || {
            let panel = device::<PanelDevice>(panel)?;
            let armed = read(armed)?;
            Ok(panel.supervise(&armed.list(), time(now)).into())
        })
    }
}

/// The id of the engineer with this identity.
///
/// * KH_NOT_FOUND: the policy has none; `engineer` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_engineer_id(panel: *const kh_panel, identity: *const kh_identity, engineer: *mut u32) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(engineer, || {
            let (panel, identity) = (device::<PanelDevice>(panel.cast_mut())?, read(identity)?);
            panel.device().engineer_id(Identity(identity.bytes)).map(|id| id.0).ok_or(KH_NOT_FOUND)
        })
    }
}

/// The policy that decides.
///
/// * KH_NOT_FOUND: none does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_provenance(panel: *const kh_panel, provenance: *mut kh_provenance) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(provenance, || {
            let panel = device::<PanelDevice>(panel.cast_mut())?;
            panel.device().provenance().copied().map(Into::into).ok_or(KH_NOT_FOUND)
        })
    }
}

/// The areas that the site has.
///
/// * KH_NOT_FOUND: there is no policy yet that would say; `areas` are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_areas(panel: *const kh_panel, areas: *mut kh_area_list) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(areas, || {
            let panel = device::<PanelDevice>(panel.cast_mut())?.device();
            panel.provenance().map(|_| kh_area_list::of(&panel.site().areas)).ok_or(KH_NOT_FOUND)
        })
    }
}
