//! A panel: what its firmware calls.

use crate::answer::{kh_decision, kh_due, kh_installation, kh_provenance};
use crate::boundary::{Output, answer, answer_in_detail, read, read_bytes};
use crate::request::{
    kh_act, kh_area_list, kh_engineer_request, kh_identity, kh_open_close, kh_panel_config, kh_session_request, kh_update_request, time,
};
use crate::storage::{PanelDevice, device, init, kh_panel, wipe};
use crate::value::{KH_LONGEST_BLOB, KH_NOT_FOUND, KH_OK, kh_instant, kh_status};
use keyholder::blob::{Keys, PublicKey};
use keyholder::code::CodeKey;
use keyholder::engineer::{Identity, SiteId};

/// Makes a panel without a policy in `panel`: it denies everything until one is installed. Whatever the memory held before is gone.
///
/// * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF.
///
/// A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
#[unsafe(export_name = env!("KEYHOLDER_PANEL_INIT"))]
pub unsafe extern "C" fn kh_panel_init(panel: *mut kh_panel, config: *const kh_panel_config) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        let done = || {
            crate::boundary::check(panel)?;
            let config = read(config)?;
            config.check()?;
            init::<PanelDevice>(panel, || {
                keyholder::Panel::new(SiteId(config.site), Keys::only(PublicKey(config.cloud_key)), CodeKey::new(config.code_key))
            })
        };
        done().err().unwrap_or(KH_OK)
    }
}

/// Overwrites `panel` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
/// kh_panel_init().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_wipe(panel: *mut kh_panel) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe { wipe(panel).err().unwrap_or(KH_OK) }
}

/// Checks the `length` bytes of a blob and, if nothing is wrong with them, lets its policy decide from now on. What the device remembers stays,
/// but for what belonged to contacts, engineers and grants that are no longer there.
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
            let checked = device::<PanelDevice>(panel).and_then(|panel| Ok((panel, read_bytes(blob, length, KH_LONGEST_BLOB as usize)?)));
            match checked {
                Ok((panel, blob)) => {
                    let result = panel.install(blob, time(now));
                    kh_installation::of(result, panel.provenance())
                }
                Err(status) => (status, kh_installation::REFUSING),
            }
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
            Ok(panel.engineer(&request.request()?, time(now)).into())
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
            Ok(panel.begin_session(&request.request()?, time(now)).into())
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
            Ok(panel.end_session(&request.request()?, time(now)).into())
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
            Ok(panel.update(&request.request()?, time(now)).into())
        })
    }
}

/// What has fallen due, one deadline a call, earliest first; `armed` are the areas that are armed now.
/// Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once.
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
            panel.engineer_id(Identity(identity.bytes)).map(|id| id.0).ok_or(KH_NOT_FOUND)
        })
    }
}

/// The policy that decides.
///
/// * KH_NOT_FOUND: none was ever installed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kh_panel_provenance(panel: *const kh_panel, provenance: *mut kh_provenance) -> kh_status {
    // SAFETY: the caller keeps the conventions at the top of the header.
    unsafe {
        answer(provenance, || {
            let panel = device::<PanelDevice>(panel.cast_mut())?;
            panel.provenance().copied().map(Into::into).ok_or(KH_NOT_FOUND)
        })
    }
}
