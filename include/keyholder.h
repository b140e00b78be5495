#ifndef KEYHOLDER_H
#define KEYHOLDER_H

#include <stddef.h>
#include <stdint.h>

/*
 * keyholder: decides who may open and close a protected site, and which remote engineer may do what there.
 *
 * Generated from ffi/ by `cargo header`; do not edit. C99 and C++17.
 *
 * A device holds a policy, which the cloud decides and sends as a signed blob, and a ledger, which is what the device itself has to
 * remember. There are two devices: a kh_panel holds one site, a kh_receiver the engineers and grants of many. Every function of a device
 * has its name in it: kh_panel_open_close(), kh_receiver_update(). A device is made by its init function and lives in memory alone, or by its
 * boot function, and then policy and ledger are kept in a flash and outlast a loss of power. It is asked in the same way either way.
 *
 * CONVENTIONS, true of every function below
 *
 *  - It returns a kh_status: KH_OK, or why the call could not be carried out. A call that was carried out may still have been answered
 *    with a refusal: permission is in the answer, never in the status.
 *  - Outputs come last. An output is written on every path on which it can be, with what permits nothing if the status is not KH_OK. What it held before
 *    does not matter: not a byte of it stays, and the fields `reserved`, which fill a structure up, are 0.
 *  - Allowed is KH_ALLOW or KH_ALLOW_WITH_VIOLATION and nothing else. Compare for equality with these two; never test for non-zero.
 *  - NULL and misaligned pointers, numbers that are not listed and lengths above their limit are refused, outputs first, then the other
 *    arguments in their order, then what they point to. A call that is not carried out changes nothing, counts nothing and asks nothing.
 *  - Numbers are plain integers of fixed width. Set the fields you do not use to zero: C's `= {0}` does. Statuses, reasons, events and all
 *    other listed numbers are fixed for good; later versions may add some.
 *  - Memory is the caller's. Nothing is allocated, nothing is kept of what a pointer points to, nothing is freed. What one call's pointers point to
 *    must not overlap, but for what is only read.
 *  - No call blocks, prints, reads a clock, or keeps anything outside the device it is given. Nothing is called back but the functions of the
 *    flash that a device was booted with.
 *  - Threads and interrupts: one device, one call at a time, also for calls that take it as const. Different devices do not know each
 *    other. Functions that take no device may be called at any time.
 *  - Time is the argument `now`. Pass KH_TIME_UNKNOWN when the clock has not been set: whatever depends on time is then refused, and
 *    nothing else. A clock that runs backwards is treated alike.
 *
 * CAPACITIES
 *
 * The library is built for certain capacities and this header has to be compiled for the same ones. Without any definition both are
 * standard. Define KH_PRESET_SMALL or KH_PRESET_LARGE for the other presets, or KH_CONFIG_FILE as the name of your own header of capacities,
 * which the library is built from as well. If they differ, the program does not link: `undefined reference to kh_panel_init_...`.
 *
 * KH_FLASH_WRITE_BYTES is one of them: 1, 2, 4, 8, 16 or 32, the unit that the flash of a device is written in. A flash with a smaller unit takes it
 * as well. It has to stay the same for the life of a device: what has been written with another one cannot be read.
 */

#if defined(KH_CONFIG_FILE)
#include KH_CONFIG_FILE
#elif defined(KH_PRESET_SMALL)
#define KH_PANEL_CONTACTS 32
#define KH_PANEL_LISTS 6
#define KH_PANEL_SCHEDULES 2
#define KH_PANEL_LAYERS 5
#define KH_PANEL_SPANS 11
#define KH_PANEL_HOLIDAYS 6
#define KH_PANEL_WINDOWS 2
#define KH_PANEL_ENGINEERS 4
#define KH_PANEL_GRANTS 4
#define KH_PANEL_AUTHORISATIONS 2
#define KH_PANEL_LOCAL 3
#define KH_RECEIVER_SITES 8
#define KH_RECEIVER_ENGINEERS 8
#define KH_RECEIVER_GRANTS 16
#define KH_RECEIVER_AUTHORISATIONS 4
#define KH_FLASH_WRITE_BYTES 16
#elif defined(KH_PRESET_LARGE)
#define KH_PANEL_CONTACTS 1000
#define KH_PANEL_LISTS 64
#define KH_PANEL_SCHEDULES 32
#define KH_PANEL_LAYERS 56
#define KH_PANEL_SPANS 88
#define KH_PANEL_HOLIDAYS 64
#define KH_PANEL_WINDOWS 24
#define KH_PANEL_ENGINEERS 64
#define KH_PANEL_GRANTS 64
#define KH_PANEL_AUTHORISATIONS 32
#define KH_PANEL_LOCAL 8
#define KH_RECEIVER_SITES 1000
#define KH_RECEIVER_ENGINEERS 256
#define KH_RECEIVER_GRANTS 1024
#define KH_RECEIVER_AUTHORISATIONS 64
#define KH_FLASH_WRITE_BYTES 16
#else
#define KH_PANEL_CONTACTS 256
#define KH_PANEL_LISTS 32
#define KH_PANEL_SCHEDULES 16
#define KH_PANEL_LAYERS 24
#define KH_PANEL_SPANS 40
#define KH_PANEL_HOLIDAYS 32
#define KH_PANEL_WINDOWS 16
#define KH_PANEL_ENGINEERS 16
#define KH_PANEL_GRANTS 16
#define KH_PANEL_AUTHORISATIONS 16
#define KH_PANEL_LOCAL 8
#define KH_RECEIVER_SITES 64
#define KH_RECEIVER_ENGINEERS 64
#define KH_RECEIVER_GRANTS 256
#define KH_RECEIVER_AUTHORISATIONS 16
#define KH_FLASH_WRITE_BYTES 16
#endif

/* What ties header and library together: the real names of the functions that make a device carry the capacities. */
#define KH_PASTE_12(name, a, b, c, d, e, f, g, h, i, j, k, l) \
  name##_##a##_##b##_##c##_##d##_##e##_##f##_##g##_##h##_##i##_##j##_##k##_##l
#define KH_PASTE_5(name, a, b, c, d, e) name##_##a##_##b##_##c##_##d##_##e
#define KH_NAME_12(name, a, b, c, d, e, f, g, h, i, j, k, l) KH_PASTE_12(name, a, b, c, d, e, f, g, h, i, j, k, l)
#define KH_NAME_5(name, a, b, c, d, e) KH_PASTE_5(name, a, b, c, d, e)
#define KH_PANEL_NAME(name)                                                                               \
  KH_NAME_12(name, KH_PANEL_CONTACTS, KH_PANEL_LISTS, KH_PANEL_SCHEDULES, KH_PANEL_LAYERS,                \
             KH_PANEL_SPANS, KH_PANEL_HOLIDAYS, KH_PANEL_WINDOWS, KH_PANEL_ENGINEERS, KH_PANEL_GRANTS,    \
             KH_PANEL_AUTHORISATIONS, KH_PANEL_LOCAL, KH_FLASH_WRITE_BYTES)
#define KH_RECEIVER_NAME(name)                                                                            \
  KH_NAME_5(name, KH_RECEIVER_SITES, KH_RECEIVER_ENGINEERS, KH_RECEIVER_GRANTS,                           \
            KH_RECEIVER_AUTHORISATIONS, KH_FLASH_WRITE_BYTES)
#define kh_panel_init KH_PANEL_NAME(kh_panel_init)
#define kh_panel_boot KH_PANEL_NAME(kh_panel_boot)
#define kh_receiver_init KH_RECEIVER_NAME(kh_receiver_init)
#define kh_receiver_boot KH_RECEIVER_NAME(kh_receiver_boot)

/* The bytes that so many rows of a kind take. */
#define KH_ROWS(count, bytes) ((uint32_t)(count) * (bytes))
/* Bits of the sets in which a panel looks its spans up: one for each span and schedule and two for each layer; spans set at the keypad count as both. */
#define KH_SPANS_FIT(bits) (KH_PANEL_SPANS + KH_PANEL_SCHEDULES + KH_PANEL_LOCAL <= (bits) && 2 * (KH_PANEL_LAYERS + KH_PANEL_LOCAL) <= (bits))
#if KH_SPANS_FIT(16)
#define KH_SPAN_BITS 16u
#elif KH_SPANS_FIT(32)
#define KH_SPAN_BITS 32u
#elif KH_SPANS_FIT(64)
#define KH_SPAN_BITS 64u
#else
#define KH_SPAN_BITS 128u
#endif
/* 64-bit words of a kh_panel and a kh_receiver. */
#define KH_PANEL_WORDS                                                                                        \
  ((KH_PANEL_FIXED_BYTES + KH_ROWS(KH_PANEL_CONTACTS, KH_CONTACT_BYTES) +                                     \
    KH_ROWS(KH_PANEL_LISTS, KH_LIST_BYTES) + KH_ROWS(KH_PANEL_SCHEDULES, KH_SCHEDULE_BYTES) +                 \
    KH_ROWS(KH_PANEL_LAYERS, KH_LAYER_BYTES) + KH_ROWS(KH_PANEL_SPANS, KH_SPAN_BYTES) +                       \
    KH_ROWS(KH_SPAN_BITS, KH_BIT_BYTES + ((5u * KH_SPAN_BITS) / 8u)) +                                        \
    KH_ROWS(KH_PANEL_HOLIDAYS, KH_HOLIDAY_BYTES) + KH_ROWS(KH_PANEL_WINDOWS, KH_WINDOW_BYTES) +               \
    KH_ROWS(KH_PANEL_ENGINEERS, KH_ENGINEER_BYTES) + KH_ROWS(KH_PANEL_GRANTS, KH_GRANT_BYTES) +               \
    KH_ROWS(KH_PANEL_AUTHORISATIONS, KH_AUTHORISATION_BYTES) + KH_ROWS(KH_PANEL_LOCAL, KH_LOCAL_BYTES) + 7u) / 8u)
#define KH_RECEIVER_WORDS                                                                                     \
  ((KH_RECEIVER_FIXED_BYTES + KH_ROWS(KH_RECEIVER_SITES, KH_SITE_BYTES) +                                     \
    KH_ROWS(KH_RECEIVER_ENGINEERS, KH_ENGINEER_BYTES) + KH_ROWS(KH_RECEIVER_GRANTS, KH_GRANT_BYTES) +         \
    KH_ROWS(KH_RECEIVER_AUTHORISATIONS, KH_AUTHORISATION_BYTES) + 7u) / 8u)

/* Bytes of a kh_panel and a kh_receiver, the same on every machine. Both are aligned like uint64_t. */
#define KH_PANEL_SIZE (8u * KH_PANEL_WORDS)
#define KH_RECEIVER_SIZE (8u * KH_RECEIVER_WORDS)

/* The fewest bytes that a copy of a device's journal may have in flash; make it whole erase blocks. */
#define KH_PANEL_JOURNAL_BYTES                                                             \
  (KH_JOURNAL_FIXED_BYTES + KH_ROWS(KH_PANEL_CONTACTS, KH_JOURNAL_ROW_BYTES) +             \
   KH_ROWS(KH_PANEL_GRANTS, KH_JOURNAL_ROW_BYTES))
#define KH_RECEIVER_JOURNAL_BYTES (KH_JOURNAL_FIXED_BYTES + KH_ROWS(KH_RECEIVER_GRANTS, KH_JOURNAL_ROW_BYTES))

/** Of a kh_instant: for ever. */
#define KH_FOR_EVER INT64_MAX
/** Of a kh_instant: at no time. */
#define KH_NEVER INT64_MIN
/** In place of the time: the clock has not been set, or is not believed. */
#define KH_TIME_UNKNOWN INT64_MIN

/** What became of a call: KH_OK or why not. It says nothing about permission: that is in the answer. */
typedef uint8_t kh_status;

/** The call was carried out and its answer is valid. */
#define KH_OK 0u
/** A pointer is NULL. */
#define KH_NULL 1u
/** A pointer is not aligned for what it points to. */
#define KH_MISALIGNED 2u
/** The memory holds no device of this kind: it was never initialised, was wiped, or was overwritten. */
#define KH_NOT_INITIALISED 3u
/** A number is not one of those that are listed for it, or is out of its range. */
#define KH_BAD_VALUE 4u
/** A length is above its limit. */
#define KH_BAD_LENGTH 5u
/** There is no such thing: no engineer with that identity, no policy yet, no name for that number. */
#define KH_NOT_FOUND 6u
/** The library was built without it. */
#define KH_LEFT_OUT 7u
/** The device was made without a flash, so there is nowhere to put a blob that comes in pieces. See kh_panel_boot(). */
#define KH_NO_FLASH 8u
/** The blob was refused: too short, or does not begin as a blob does, or is not as long as it says. Fetch it again. */
#define KH_NOT_A_BLOB 32u
/** The blob was refused: of a later format or an unknown kind. Ask the cloud for one of the format that kh_about() names. */
#define KH_NEWER_FORMAT 33u
/** The blob was refused: for another site or receiver, or for the other kind of device. */
#define KH_WRONG_RECIPIENT 34u
/** The blob was refused: signed with a key that this device does not hold, or no longer. */
#define KH_UNKNOWN_KEY 35u
/** The blob was refused: it was altered, or never signed with that key. */
#define KH_BAD_SIGNATURE 36u
/** The blob was refused: its sequence is not above that of the latest blob that was accepted. */
#define KH_STALE 37u
/** The blob was refused: it may no longer be installed. Ask for a fresh one. */
#define KH_EXPIRED 38u
/** The blob was refused: more rows than this device was built for. */
#define KH_DOES_NOT_FIT 39u
/** The blob was refused: its policy breaks a validity rule. */
#define KH_INVALID_POLICY 40u
/** The blob was refused: a patch of another policy than the one that decides. Ask for a snapshot. */
#define KH_OTHER_BASE 41u
/** The blob was refused: longer than the flash has room for. After a patch, ask for a snapshot. */
#define KH_TOO_LONG 42u
/** The flash could not be written or read. What the blob says may count already, but for a loss of power: send it again until the answer is KH_OK. */
#define KH_NOT_KEPT 43u
/** The blob was refused, for a reason that this version of the header has no number for. */
#define KH_REFUSED 63u
/** The device was not booted: its layout takes more bytes than the flash has. */
#define KH_FLASH_TOO_SMALL 64u
/** The device was not booted: a slot or a copy of the journal is not a whole number of the flash's erase blocks. */
#define KH_NOT_WHOLE_BLOCKS 65u
/** The device was not booted: the copies of the journal are too small for it. KH_PANEL_JOURNAL_BYTES and KH_RECEIVER_JOURNAL_BYTES are enough. */
#define KH_JOURNAL_TOO_SMALL 66u
/** The device was not booted: the flash could not be read or written. */
#define KH_FLASH_FAILED 67u
/**
 * The device was not booted: what is remembered in the flash was written by another kind of device, one with larger tables, or newer firmware. Boot that, or
 * erase all of the flash to begin as a new device.
 */
#define KH_FLASH_FOREIGN 68u

/** The answer: KH_ALLOW, KH_ALLOW_WITH_VIOLATION, and everything else is a refusal. Compare for equality with these two and nothing else. */
typedef uint32_t kh_verdict;

/** Refused. */
#define KH_DENY 0u
/** Allowed: 0x3CA55AC3, which no stuck, zeroed or half-written register shows. */
#define KH_ALLOW 1017469635u
/** Allowed by an option of the site, against the schedule: 0xC35AA53C. */
#define KH_ALLOW_WITH_VIOLATION 3277497660u

/** Why, as the person at the keypad may know it: who guesses codes learns nothing from it. */
typedef uint8_t kh_public_reason;

/** Not accepted; the person is not told whether the code is known. */
#define KH_PUBLIC_NOT_ACCEPTED 0u
/** Accepted; under duress too. */
#define KH_PUBLIC_ACCEPTED 1u
/** The keypad is dead for a while, for every code. */
#define KH_PUBLIC_KEYPAD_LOCKED 2u
/** Not now. */
#define KH_PUBLIC_NOT_NOW 3u
/** Not this. */
#define KH_PUBLIC_NOT_ALLOWED 4u

/** How a request says who asks: one of the KH_WHO_ numbers. */
typedef uint8_t kh_who_kind;

/** Somebody else has authenticated the person: `user` counts. */
#define KH_WHO_USER 1u
/** A code was typed. */
#define KH_WHO_CODE 2u
/** A user number and its code were typed. */
#define KH_WHO_USER_AND_CODE 3u
/** A passcode was told to an operator. Counts for every act but opening and closing. */
#define KH_WHO_PASSCODE 4u
/** A user number and its passcode were told. */
#define KH_WHO_USER_AND_PASSCODE 5u

/** KH_ACTION_OPEN or KH_ACTION_CLOSE. */
typedef uint8_t kh_action;

/** Disarm. */
#define KH_ACTION_OPEN 1u
/** Arm. */
#define KH_ACTION_CLOSE 2u

/** What a contact wants to do: one of the KH_ACT_ numbers. */
typedef uint8_t kh_act_kind;

/** Have an alarm cancelled. */
#define KH_ACT_CANCEL_ALARM 1u
/** Change the customer's record. */
#define KH_ACT_EDIT_CUSTOMER 2u
/** Be told about the account. */
#define KH_ACT_RECEIVE_INFORMATION 3u
/** Put `areas` on test for `minutes`; 0, or more than the site allows: as long as it allows. */
#define KH_ACT_TEST 4u
/** Take off test: every test that lies within `areas` ends. */
#define KH_ACT_END_TEST 5u
/** Extend today's closing of `place` by `minutes` from the scheduled close. Its areas share one schedule. */
#define KH_ACT_EXTEND_CLOSING 6u
/** Set `span`, or closed all day if `closed`, as the only hours of `schedule` on `date`, which is today or later. */
#define KH_ACT_SET_SPAN 7u
/** Open a temp-open window for `place`, from now on for `minutes`, 1..=1440. */
#define KH_ACT_OPEN_WINDOW 8u
/** Suspend contact `target`. */
#define KH_ACT_SUSPEND 9u
/** End a suspension of contact `target` made at the keypad; one made by the cloud stays. */
#define KH_ACT_REINSTATE 10u
/** Give `engineer` a one-time grant for this site, without live video, clips and user codes; with `answers_request`, for the longer time. */
#define KH_ACT_GRANT 11u
/** Revoke `grant` for good, the cloud's or one given here. */
#define KH_ACT_REVOKE 12u
/** Lift the site's restriction. */
#define KH_ACT_LIFT 13u
/** Restore it, or restrict a site that is not. */
#define KH_ACT_RESTRICT 14u

/** A set of what an engineer may do on a site: KH_CAPABILITY_ bits. Other bits are refused. */
typedef uint16_t kh_capabilities;

/** View settings. */
#define KH_CAPABILITY_VIEW_SETTINGS 1u
/** Change settings. */
#define KH_CAPABILITY_CHANGE_SETTINGS 2u
/** Change user codes. */
#define KH_CAPABILITY_CHANGE_USER_CODES 4u
/** View live video. */
#define KH_CAPABILITY_VIEW_LIVE_VIDEO 8u
/** View recorded clips. */
#define KH_CAPABILITY_VIEW_RECORDED_CLIPS 16u
/** Arm and disarm remotely. */
#define KH_CAPABILITY_ARM_DISARM 32u
/** Bypass zones. */
#define KH_CAPABILITY_BYPASS 64u
/** Put on test. */
#define KH_CAPABILITY_PUT_ON_TEST 128u
/** Read the log. */
#define KH_CAPABILITY_READ_LOG 256u
/** Update firmware. */
#define KH_CAPABILITY_UPDATE_FIRMWARE 512u

/** What an answer of supervision is: one of the KH_DUE_ numbers. */
typedef uint8_t kh_due_kind;

/** Nothing else has fallen due up to now. */
#define KH_DUE_NOTHING 0u
/** This has fallen due. Ask again: there may be more. */
#define KH_DUE_REPORT 1u
/** A day of a long gap has been gone through without anything due. Ask again. */
#define KH_DUE_ASK_AGAIN 2u

/** What became of a blob: one of the KH_POLICY_ numbers. */
typedef uint8_t kh_outcome;

/** It was refused; the policy is as it was. */
#define KH_POLICY_UNCHANGED 0u
/** Its policy decides from now on; of a key change or a clock correction, what it orders is done. */
#define KH_POLICY_INSTALLED 1u
/** It was installed before; nothing has changed. */
#define KH_POLICY_ALREADY_INSTALLED 2u
/** It is on its way: `remaining` bytes are still to come. The policy is as it was. */
#define KH_POLICY_AWAITED 3u

/** What a blob carries: one of the KH_BLOB_ numbers, or a later one. */
typedef uint8_t kh_blob_kind;

/** A panel's whole policy. */
#define KH_BLOB_PANEL_SNAPSHOT 1u
/** A receiver's whole policy. */
#define KH_BLOB_RECEIVER_SNAPSHOT 2u
/** What has changed in a panel's policy. */
#define KH_BLOB_PANEL_PATCH 3u
/** What has changed in a receiver's policy. */
#define KH_BLOB_RECEIVER_PATCH 4u
/** Another public key that the device is to obey. */
#define KH_BLOB_KEY_CHANGE 5u
/** A better reading for a device whose clock was wrong. */
#define KH_BLOB_CLOCK_CORRECTION 6u

/**
 * What a device has found wrong in its flash since it was booted: a set of KH_DAMAGE_ bits; 0 if nothing. Losing power in the middle of something
 * explains the first two.
 */
typedef uint8_t kh_damage;

/** A slot holds something that is not a policy for this device: it is not used. */
#define KH_DAMAGE_SLOT 1u
/** A copy of the journal was not whole: it has been written anew from the other one. */
#define KH_DAMAGE_JOURNAL 2u
/** No copy of the journal was whole. What was used up, locked out and revoked is lost, and with it every policy: only a later one decides again. */
#define KH_DAMAGE_LOSS 4u
/** Something could not be written: the device denies what it could not remember, and needs service. */
#define KH_DAMAGE_WRITING 8u
/** There is no answer: the call was not carried out. */
#define KH_DAMAGE_UNKNOWN 255u

/**
 * A point in time: whole seconds since 1970-01-01T00:00:00Z, without leap seconds. The device's clock passes 0..=16725225599
 * (2499-12-31T23:59:59Z); anything else counts as KH_TIME_UNKNOWN.
 */
typedef int64_t kh_instant;

/** A local calendar date: days since 1970-01-01. See kh_date_of(). */
typedef int32_t kh_date;

/** Of a kh_span: nobody has to have opened. */
#define KH_NO_DEADLINE 65535u
/** The largest user number; 0 is nobody. */
#define KH_LARGEST_USER 999u
/** The number of systems a site may have. */
#define KH_SYSTEMS 8u
/** The most bytes that can be passed as typed or told. A code has 4 to 8 digits and a passcode 1 to 32 bytes; anything else is a wrong one. */
#define KH_LONGEST_TYPED 64u
/** The most bytes that can be passed as a blob. */
#define KH_LONGEST_BLOB 16777216u
/** Bytes of a blob's head, which is all that is needed to begin an installation. */
#define KH_HEAD_BYTES 144u
/** The most bytes of an acknowledgement. */
#define KH_ACKNOWLEDGEMENT_BYTES 160u
/** The most bytes of a report to the cloud. */
#define KH_REPORT_BYTES 2560u
/** The most deadlines in one report to the cloud. */
#define KH_REPORT_DUES 16u

/** Why, exactly: one of the KH_REASON_ numbers. For the log; what a keypad may show is the kh_public_reason. */
typedef uint8_t kh_reason;

/** No decision was made. A device never answers this; memory that was never written does. */
#define KH_REASON_INVALID 0u
/** Allowed: the contact may open and close at any time. */
#define KH_REASON_ANYTIME 1u
/** Allowed: inside the hours of every area. */
#define KH_REASON_WITHIN_SCHEDULE 2u
/** Allowed: inside a temp-open window that covers every area. */
#define KH_REASON_WITHIN_TEMP_OPEN 3u
/** Allowed: the contact has the permission that the act needs. */
#define KH_REASON_PERMITTED 4u
/** Allowed: the site's baseline lets every engineer do this. */
#define KH_REASON_READ_ONLY_BASELINE 5u
/** Allowed: a grant covers it. */
#define KH_REASON_GRANTED 6u
/** Allowed: a firmware authorisation covers it. */
#define KH_REASON_AUTHORISED 7u
/** Too many wrong codes; the keypad is dead for a while. */
#define KH_REASON_LOCKED_OUT 16u
/** Nobody's code or passcode, or not the named contact's. */
#define KH_REASON_UNKNOWN_CODE 17u
/** Nobody's user number. */
#define KH_REASON_UNKNOWN_USER 18u
/** The contact or engineer is suspended. */
#define KH_REASON_SUSPENDED 19u
/** Before the validity period, or before the grant or authorisation starts. */
#define KH_REASON_NOT_YET_VALID 20u
/** After it. */
#define KH_REASON_EXPIRED 21u
/** The answer depends on the time and nobody knows it. */
#define KH_REASON_TIME_UNKNOWN 22u
/** Recognised, and may do nothing. */
#define KH_REASON_POWERLESS 23u
/** The contact is accepted in remote requests only. */
#define KH_REASON_REMOTE_ONLY 24u
/** The use limit or the one-time grant is used up. */
#define KH_REASON_USED_UP 25u
/** Some area is not among the contact's, or the site has no such area. */
#define KH_REASON_AREA_NOT_ASSIGNED 26u
/** A guest opens only what it armed itself. */
#define KH_REASON_NOT_ARMED_BY_YOU 27u
/** The contact has none of the permissions to open and close. */
#define KH_REASON_NO_OPEN_CLOSE_PERMISSION 28u
/** Some area is outside its hours. */
#define KH_REASON_OUTSIDE_SCHEDULE 29u
/** No temp-open window covers every area now. */
#define KH_REASON_OUTSIDE_TEMP_OPEN 30u
/** The contact lacks the permission that the act needs. */
#define KH_REASON_NOT_PERMITTED 31u
/** No span of the areas' schedules can be extended today, or the site's latest close leaves nothing to add. */
#define KH_REASON_NOTHING_TO_EXTEND 32u
/** The times given are out of order or out of range. */
#define KH_REASON_BAD_TIMES 33u
/** No such schedule, contact, grant or session here. */
#define KH_REASON_NOT_FOUND 34u
/** The device's memory for this kind of thing is full, and it does not allow what it could not remember. */
#define KH_REASON_NO_ROOM 35u
/** It would have been allowed, but the flash could not keep what follows from it. The device needs service. */
#define KH_REASON_NOT_KEPT 36u
/** No such engineer. */
#define KH_REASON_UNKNOWN_ENGINEER 48u
/** The engineer has not completed registration. */
#define KH_REASON_NOT_REGISTERED 49u
/** This device does not serve that site. */
#define KH_REASON_UNKNOWN_SITE 50u
/** The site's privacy state shuts engineers out. */
#define KH_REASON_SITE_RESTRICTED 51u
/** No grant for this engineer and site. */
#define KH_REASON_NO_GRANT 52u
/** The grant was revoked. */
#define KH_REASON_REVOKED 53u
/** Work had to begin earlier. */
#define KH_REASON_BEGIN_MISSED 54u
/** The grant does not cover it. */
#define KH_REASON_NOT_GRANTED 55u
/** The engineer may not update firmware. */
#define KH_REASON_NO_FIRMWARE_RIGHT 64u
/** The site's devices lack the remote-upgrade function. */
#define KH_REASON_SITE_LACKS_UPGRADE 65u
/** Nothing is authorised at all. */
#define KH_REASON_NO_AUTHORISATION 66u
/** Nothing is authorised for this model. */
#define KH_REASON_WRONG_MODEL 67u
/** The version is outside the authorised range. */
#define KH_REASON_VERSION_OUT_OF_RANGE 68u
/** The image is not the authorised one. */
#define KH_REASON_WRONG_IMAGE 69u
/** The version is not newer than the installed one. */
#define KH_REASON_DOWNGRADE 70u
/** The site demands a session of the engineer, and there is none. */
#define KH_REASON_NO_ACTIVE_SESSION 71u

/** What happened: one of the KH_EVENT_ numbers. */
typedef uint8_t kh_event;

/** Nothing to report. */
#define KH_EVENT_NOTHING 0u
/** Opened in hours, or within a temp-open window. */
#define KH_EVENT_OPENING 1u
/** Opened inside the early margin. */
#define KH_EVENT_EARLY_OPENING 2u
/** Opened in hours, after the must-be-open-by. */
#define KH_EVENT_LATE_OPENING 3u
/** Opened at any other time. */
#define KH_EVENT_UNSCHEDULED_OPENING 4u
/** Opened inside the early margin, while in alarm. */
#define KH_EVENT_EARLY_OPENING_FROM_ALARM 5u
/** Opened after the must-be-open-by, while in alarm. */
#define KH_EVENT_LATE_OPENING_FROM_ALARM 6u
/** Closed in hours, or within a temp-open window. */
#define KH_EVENT_CLOSING 7u
/** Closed in hours, before the closes-from. */
#define KH_EVENT_EARLY_CLOSING 8u
/** Closed inside the late margin. */
#define KH_EVENT_LATE_CLOSING 9u
/** Closed at any other time. */
#define KH_EVENT_UNSCHEDULED_CLOSING 10u
/** Anything allowed to a contact under duress. Nothing else may tell. */
#define KH_EVENT_DURESS 11u
/** Refused: nobody's code or user number. */
#define KH_EVENT_UNKNOWN_DENIED 16u
/** Refused: known, and at the moment without any right. */
#define KH_EVENT_KNOWN_DENIED 17u
/** Refused: outside the hours or the windows, or nobody knows the time. */
#define KH_EVENT_TIME_DENIED 18u
/** Refused: not this area, or not this act. */
#define KH_EVENT_LEVEL_DENIED 19u
/** A contact that may do nothing has shown its code. */
#define KH_EVENT_LEGAL_CODE_ENTRY 20u
/** The wrong code that started a lockout. */
#define KH_EVENT_WRONG_CODES 21u
/** Refused: the device's memory is failing. */
#define KH_EVENT_NOT_KEPT 22u
/** An area was not opened by its must-be-open-by. */
#define KH_EVENT_FAILED_TO_OPEN 32u
/** An area was not closed by its must-be-closed-by. */
#define KH_EVENT_FAILED_TO_CLOSE 33u
/** A temp opening was not closed by its close-by. */
#define KH_EVENT_TEMP_OPEN_OVERRUN 34u
/** A contact cancelled an alarm. */
#define KH_EVENT_ALARM_CANCELLED 48u
/** A contact extended today's closing. */
#define KH_EVENT_CLOSING_EXTENDED 49u
/** A contact changed the schedule or opened a temp-open window. */
#define KH_EVENT_SCHEDULE_CHANGED 50u
/** Put on test. */
#define KH_EVENT_TEST_STARTED 51u
/** Taken off test, or the time on test is over. */
#define KH_EVENT_TEST_ENDED 52u
/** A contact was suspended or reinstated. */
#define KH_EVENT_USER_CHANGED 53u
/** A contact proved that it may edit the record or be told about it. */
#define KH_EVENT_CUSTOMER_RECORD 54u
/** An engineer's session has begun. */
#define KH_EVENT_SESSION_BEGUN 64u
/** An engineer's session has ended. */
#define KH_EVENT_SESSION_ENDED 65u
/** An engineer was refused. */
#define KH_EVENT_ENGINEER_DENIED 66u
/** An engineer was allowed to use a capability. */
#define KH_EVENT_ENGINEER_ALLOWED 67u
/** A grant was given at the keypad. */
#define KH_EVENT_GRANT_GIVEN 68u
/** A grant was revoked at the keypad. */
#define KH_EVENT_GRANT_REVOKED 69u
/** A grant's time is over. */
#define KH_EVENT_GRANT_ENDED 70u
/** The site's administrator has lifted its restriction. */
#define KH_EVENT_RESTRICTION_LIFTED 71u
/** The site's administrator has restored its restriction. */
#define KH_EVENT_SITE_RESTRICTED 72u
/** A firmware update was allowed. */
#define KH_EVENT_UPDATE_ALLOWED 73u
/** A firmware update was refused. */
#define KH_EVENT_UPDATE_DENIED 74u

/** A part of a policy: one of the KH_PART_ numbers. */
typedef uint8_t kh_part;

/** The head: the site's or receiver's own settings. */
#define KH_PART_HEAD 0u
/** Lists of areas. */
#define KH_PART_AREA_LISTS 1u
/** Schedules. */
#define KH_PART_SCHEDULES 2u
/** Their layers. */
#define KH_PART_LAYERS 3u
/** Their spans. */
#define KH_PART_SPANS 4u
/** Holidays. */
#define KH_PART_HOLIDAYS 5u
/** Temp-open windows. */
#define KH_PART_WINDOWS 6u
/** Contacts. */
#define KH_PART_CONTACTS 7u
/** The digests of their codes. */
#define KH_PART_CODES 8u
/** The digests of their passcodes. */
#define KH_PART_PASSCODES 9u
/** Sites as engineers meet them. */
#define KH_PART_SITES 10u
/** Engineers. */
#define KH_PART_ENGINEERS 11u
/** Grants. */
#define KH_PART_GRANTS 12u
/** Firmware authorisations. */
#define KH_PART_AUTHORISATIONS 13u
/** The public keys a device obeys. */
#define KH_PART_KEYS 14u
/** The device's clock. */
#define KH_PART_CLOCK 15u

/** What is wrong with a row of a policy: one of the KH_FAULT_ numbers. */
typedef uint8_t kh_fault;

/** The bytes are not the postcard encoding of such a row, or end in the middle of it. */
#define KH_FAULT_ENCODING 0u
/** There are bytes after the last row. */
#define KH_FAULT_TRAILING_BYTES 1u
/** A set of flags has bits that nobody has named. */
#define KH_FAULT_UNKNOWN_BITS 2u
/** Rows are not in ascending order of their key. */
#define KH_FAULT_ORDER 3u
/** A number or an identity that has to be unique is not. */
#define KH_FAULT_DUPLICATE 4u
/** A reference to a row that is not there. */
#define KH_FAULT_REFERENCE 5u
/** A number outside its range. */
#define KH_FAULT_RANGE 6u
/** An interval that ends before it starts, or is empty. */
#define KH_FAULT_REVERSED_INTERVAL 7u
/** Spans of one layer hold at the same time. */
#define KH_FAULT_OVERLAPPING_SPANS 8u
/** Two layers of the same kind and schedule name the same date or holiday group. */
#define KH_FAULT_OVERLAPPING_LAYERS 9u
/** An area has two schedules. */
#define KH_FAULT_SECOND_SCHEDULE 10u
/** A known engineer has got another identity. */
#define KH_FAULT_IDENTITY_CHANGED 11u
/** More grants for one engineer on one site than a check looks at. */
#define KH_FAULT_TOO_MANY_GRANTS 12u
/** The policy is not about the site or receiver that the blob is bound to. */
#define KH_FAULT_OTHER_RECIPIENT 13u
/** Only the recovery key may order that. */
#define KH_FAULT_NOT_ALLOWED 14u
/** More rows than a patch may add or remove: send a snapshot. */
#define KH_FAULT_TOO_MANY_CHANGES 15u
/** A clock correction about another reading than the device's highest one. */
#define KH_FAULT_OTHER_FLOOR 16u
/** The patch gives a user number to somebody else, and leaves its former owner's code or passcode. */
#define KH_FAULT_FORMER_OWNER 17u
/** Bytes of a panel without any rows, at most. */
#define KH_PANEL_FIXED_BYTES 1984u
/** Bytes of a receiver without any rows, at most. */
#define KH_RECEIVER_FIXED_BYTES 1088u
/** Bytes a contact takes, with its code, its passcode and what is remembered about it. */
#define KH_CONTACT_BYTES 64u
/** Bytes a list of areas takes. */
#define KH_LIST_BYTES 32u
/** Bytes a schedule takes. */
#define KH_SCHEDULE_BYTES 50u
/** Bytes a layer of a schedule takes. */
#define KH_LAYER_BYTES 16u
/** Bytes a span takes. */
#define KH_SPAN_BYTES 12u
/** Bytes a bit of the sets of spans takes, besides five sets: see KH_SPAN_BITS. */
#define KH_BIT_BYTES 17u
/** Bytes a holiday takes. */
#define KH_HOLIDAY_BYTES 10u
/** Bytes a temp-open window takes. */
#define KH_WINDOW_BYTES 76u
/** Bytes a site takes on a receiver. */
#define KH_SITE_BYTES 32u
/** Bytes an engineer takes. */
#define KH_ENGINEER_BYTES 24u
/** Bytes a grant takes, with its session. */
#define KH_GRANT_BYTES 80u
/** Bytes a firmware authorisation takes. */
#define KH_AUTHORISATION_BYTES 88u
/** Bytes that room for a span and a grant from the keypad takes. */
#define KH_LOCAL_BYTES 104u
/** Bytes of a copy of a device's journal without any contacts, grants and sessions, at most. */
#define KH_JOURNAL_FIXED_BYTES 3904u
/** Bytes of it that a contact or a grant takes. */
#define KH_JOURNAL_ROW_BYTES 29u

/**
 * A panel: one site's policy, ledger and keys. Declare it `static` and hand it to kh_panel_init() or kh_panel_boot(); its contents are the library's.
 * A booted one is not copied, and no two are booted on one flash.
 */
typedef struct {
  /** KH_PANEL_SIZE bytes, aligned to 8. */
  uint64_t words[KH_PANEL_WORDS];
} kh_panel;

/** What a panel has to know before its first policy. */
typedef struct {
  /** The site; never 0. */
  uint32_t site;
  /** The cloud's Ed25519 public key: only blobs signed with it are obeyed. */
  uint8_t cloud_key[32];
  /** The secret under which the site's codes are digested. All bytes 0x00 or all 0xFF is no secret and is refused. */
  uint8_t code_key[32];
  /** The cloud's other Ed25519 public key, which can replace the first one when that is lost or stolen; all zero: there is none. */
  uint8_t recovery_key[32];
} kh_panel_config;

/**
 * A NOR flash, or the part of one that a device may have for itself. Addresses count from its beginning.
 *
 * The three functions answer 0 for success and anything else for failure. What is written or erased is read back, and counts if it reads right, whatever was
 * answered. They are called during the calls of the device, and of kh_panel_boot()
 * and kh_receiver_boot(), and never otherwise; they must not call the library with that device.
 */
typedef struct {
  /** Passed to the functions; NULL if they need nothing. What it points to has to stay as long as the device is used. */
  void *context;
  /** Reads `length` bytes at `at`, any number of them at any address. */
  int (*read)(void *context, uint32_t at, uint8_t *bytes, uint32_t length);
  /** Writes `length` bytes at `at`. Both are multiples of KH_FLASH_WRITE_BYTES, and no byte is written twice without having been erased in between. */
  int (*write)(void *context, uint32_t at, const uint8_t *bytes, uint32_t length);
  /** Erases `length` bytes at `at`, so that they read 0xFF. Both are multiples of `erase_bytes`. */
  int (*erase)(void *context, uint32_t at, uint32_t length);
  /** How many bytes there are. */
  uint32_t capacity;
  /** Bytes of the unit that it has to be written in: KH_FLASH_WRITE_BYTES or a part of it, 1, 2, 4, 8... */
  uint32_t write_bytes;
  /** Bytes of the block that it is erased in: a multiple of KH_FLASH_WRITE_BYTES. */
  uint32_t erase_bytes;
} kh_flash;

/** How a flash is divided: two slots for policies from address 0 on, then two copies of the journal. It has to stay the same for the life of a device. */
typedef struct {
  /** Bytes of each slot, whole erase blocks: the longest snapshot, and as many patches as there are to be between two of them. */
  uint32_t slot_bytes;
  /**
   * Bytes of each copy of the journal, whole erase blocks: KH_PANEL_JOURNAL_BYTES or KH_RECEIVER_JOURNAL_BYTES or more. The larger, the less often it
   * is erased.
   */
  uint32_t journal_bytes;
} kh_layout;

/** What became of a blob. The status says whether it was refused and why; here are the particulars, and what to tell the cloud. */
typedef struct {
  /** The sequence of the policy that decides after the call; 0 if there is none. */
  uint64_t sequence;
  /** Of KH_STALE: the sequence that the blob's is not above. After a key change or a clock correction that is another than `sequence`. */
  uint64_t passed;
  /** Of KH_POLICY_AWAITED: how many bytes of the blob are still to come. */
  uint32_t remaining;
  /** Of KH_TOO_LONG: the longest blob of that kind there is room for now, in bytes. */
  uint32_t room;
  /** Of KH_DOES_NOT_FIT: how many rows `part` has. */
  uint32_t rows;
  /** Of KH_DOES_NOT_FIT: how many fit. */
  uint16_t capacity;
  /** Of KH_INVALID_POLICY: which row of `part`, from 0. */
  uint16_t row;
  /** What became of it. */
  kh_outcome outcome;
  /** Of KH_DOES_NOT_FIT and KH_INVALID_POLICY: in which part of the policy. */
  kh_part part;
  /** Of KH_INVALID_POLICY: what is wrong with the row. */
  kh_fault fault;
  /** Of KH_NEWER_FORMAT: the format version it has. */
  uint8_t version;
  /** Of KH_NEWER_FORMAT: the kind it has. */
  kh_blob_kind kind;
  /** Bytes of `acknowledgement`; 0 if there is none: the blob is still on its way, or the call was not carried out. */
  uint8_t acknowledgement_length;
  /** The device's answer to the blob, in postcard, for the cloud: what it holds now, and why it refused the blob if it did. */
  uint8_t acknowledgement[KH_ACKNOWLEDGEMENT_BYTES];
  /** Always 0: it fills the structure up, so that no byte of it is left as it was. */
  uint8_t reserved[2];
} kh_installation;

/** A Contact ID event, `Q XYZ GG CCC` of SIA DC-05, without the account. */
typedef struct {
  /** XYZ: the event code; 0 if DC-05 has none for the report. */
  uint16_t event;
  /** CCC: the user number, 0 if none, and with code 630, which has a zone there. */
  uint16_t user;
  /** Q: 1 new event or opening, 3 restore or closing; 0 if there is no event code. */
  uint8_t qualifier;
  /** GG: the lowest area concerned, 0 if none. */
  uint8_t group;
} kh_contact_id;

/** What to report. Nothing, if `event` is KH_EVENT_NOTHING. */
typedef struct {
  /** In which areas of `system`: bit n - 1 is area n. */
  uint32_t areas;
  /** Which engineer is concerned; 0 if none. */
  uint32_t engineer;
  /** Which site, if an engineer is concerned; 0 if none. */
  uint32_t site;
  /** Which grant is concerned; 0 if none. */
  uint32_t grant;
  /** The report as Contact ID. */
  kh_contact_id contact_id;
  /** By whom; 0 if it is not a contact's doing. */
  uint16_t user;
  /** What happened. */
  kh_event event;
  /** In which system, 1..=8; 0 if it concerns no areas. */
  uint8_t system;
  /** The report as two letters of SIA DC-03 and a NUL; empty if it has no code for it. */
  char sia[3];
  /** Always 0: it fills the structure up, so that no byte of it is left as it was. */
  uint8_t reserved[3];
} kh_report;

/** What has fallen due. */
typedef struct {
  /** When it fell due; KH_NEVER if nothing did. */
  kh_instant at;
  /** What to report. */
  kh_report report;
  /** Whether anything did, and whether to ask again. */
  kh_due_kind kind;
  /** Always 0: it fills the structure up, so that no byte of it is left as it was. */
  uint8_t reserved[7];
} kh_due;

/** Who asks. */
typedef struct {
  /** What was typed or told, as bytes: ASCII digits of a code, UTF-8 of a passcode. Not read for KH_WHO_USER. Wipe it yourself after the call. */
  const uint8_t *typed;
  /** Its length in bytes, at most KH_LONGEST_TYPED. */
  size_t typed_length;
  /** The user number, 1..=999. Not read for KH_WHO_CODE and KH_WHO_PASSCODE. */
  uint16_t user;
  /** Which of these count. */
  kh_who_kind kind;
} kh_who;

/** One system and some of its areas. */
typedef struct {
  /** The areas: bit n - 1 is area n, 1..=32. At least one. */
  uint32_t areas;
  /** The system, 1..=8. */
  uint8_t system;
} kh_place;

/** May the contact open or close? */
typedef struct {
  /** Who asks. */
  kh_who who;
  /** Where. */
  kh_place place;
  /** Who armed the areas, 1..=999; 0 if unknown. Only guests are asked. */
  uint16_t armed_by;
  /** KH_ACTION_OPEN or KH_ACTION_CLOSE. */
  kh_action action;
  /** 1: it comes from elsewhere than the keypad; 0: from the keypad. */
  uint8_t remote;
  /** 1: the site is in alarm; 0: it is not. */
  uint8_t in_alarm;
} kh_open_close;

/** The answer to a question, why, what to report, and until when it holds. */
typedef struct {
  /** The first instant at which an allow no longer holds; KH_FOR_EVER where the tables set no end, KH_NEVER for a refusal. */
  kh_instant until;
  /** When what was opened within a temp-open window has to be closed again; KH_FOR_EVER if that is not so, KH_NEVER for a refusal. */
  kh_instant close_by;
  /** Whether it may go ahead: if equal to KH_ALLOW or KH_ALLOW_WITH_VIOLATION. */
  kh_verdict verdict;
  /** The grant that decided or got furthest; 0 if none did. */
  uint32_t grant;
  /** What to report. */
  kh_report report;
  /** Who was recognised, whatever the verdict; 0 if nobody. */
  uint16_t user;
  /** What a refused engineer may still do here. */
  kh_capabilities left;
  /** Why, exactly: for the log. */
  kh_reason reason;
  /** Why, for the keypad. */
  kh_public_reason public_reason;
  /** Always 0: it fills the structure up, so that no byte of it is left as it was. */
  uint8_t reserved[2];
} kh_decision;

/** Areas of every system. */
typedef struct {
  /**
   * Of system n at index n - 1: bit m - 1 is area m. All bits set in every system means the whole site; none
   * in any is no mistake of the caller's but denied.
   */
  uint32_t systems[8];
} kh_area_list;

/** The hours of one date, in minutes from its midnight; 1440 and more is the next day. */
typedef struct {
  /** The first minute of the hours, 0..=1439. */
  uint16_t opens_from;
  /** The minute by which the areas have to be open, or KH_NO_DEADLINE. 0 is midnight, not "none". */
  uint16_t must_be_open_by;
  /** Closing before this minute is early, from opens_from to must_be_closed_by; opens_from if none is. 0 is midnight. */
  uint16_t closes_from;
  /** The first minute after the hours, by which the areas have to be closed: at most 1440 after opens_from. */
  uint16_t must_be_closed_by;
} kh_span;

/** May the contact do this? Fields that KH_ACT_ does not name for the kind are not read. */
typedef struct {
  /** Who asks. */
  kh_who who;
  /** Of KH_ACT_TEST and KH_ACT_END_TEST. */
  kh_area_list areas;
  /** Of KH_ACT_EXTEND_CLOSING and KH_ACT_OPEN_WINDOW. */
  kh_place place;
  /** Of KH_ACT_SET_SPAN. */
  kh_span span;
  /** Of KH_ACT_SET_SPAN. */
  kh_date date;
  /** Of KH_ACT_GRANT. */
  uint32_t engineer;
  /** Of KH_ACT_REVOKE. */
  uint32_t grant;
  /** Of KH_ACT_TEST, KH_ACT_EXTEND_CLOSING and KH_ACT_OPEN_WINDOW. */
  uint16_t minutes;
  /** Of KH_ACT_SUSPEND and KH_ACT_REINSTATE: a user number. */
  uint16_t target;
  /** Of KH_ACT_SET_SPAN: a schedule by its position, from 1. */
  uint8_t schedule;
  /** Of KH_ACT_SET_SPAN: 1 keeps the areas closed, 0 sets `span`. */
  uint8_t closed;
  /** Of KH_ACT_GRANT: 1 if it answers the engineer's request. */
  uint8_t answers_request;
  /** 1: it comes from elsewhere than the keypad; 0: from the keypad. */
  uint8_t remote;
  /** What the contact wants to do. */
  kh_act_kind kind;
} kh_act;

/** May the engineer do this? */
typedef struct {
  /** Who. See kh_panel_engineer_id(). */
  uint32_t engineer;
  /** Where; on a panel its own site. */
  uint32_t site;
  /** What: every one of these has to be covered. Nothing asked for is nothing granted. */
  kh_capabilities capabilities;
} kh_engineer_request;

/** A session to begin or to end. */
typedef struct {
  /** Who. */
  uint32_t engineer;
  /** Where. */
  uint32_t site;
} kh_session_request;

/** May the engineer install this firmware? */
typedef struct {
  /** Who. */
  uint32_t engineer;
  /** Where. */
  uint32_t site;
  /** The version to be installed: major, minor, patch, build. */
  uint16_t version[4];
  /** The version the device has. */
  uint16_t installed[4];
  /** The device's model: 1 to 16 printable ASCII characters, the rest zero bytes. */
  uint8_t model[16];
  /** The image's SHA-256, as the device has measured it. */
  uint8_t image[32];
} kh_update_request;

/** Names an engineer for life: the first 16 bytes of the SHA-256 of the e-mail address, trimmed and in lower case. */
typedef struct {
  /** The bytes. */
  uint8_t bytes[16];
} kh_identity;

/** The policy a device decides on. */
typedef struct {
  /** Its blob's sequence. */
  uint64_t sequence;
  /** When it was made. */
  kh_instant issued_at;
  /** SHA-256 of the policy; after a patch, of the digest before it and the patch. */
  uint8_t digest[32];
} kh_provenance;

/**
 * A receiver: the engineers, grants and firmware authorisations of many sites. Declare it `static` and hand it to kh_receiver_init() or
 * kh_receiver_boot(); its contents are the library's.
 * A booted one is not copied, and no two are booted on one flash.
 */
typedef struct {
  /** KH_RECEIVER_SIZE bytes, aligned to 8. */
  uint64_t words[KH_RECEIVER_WORDS];
} kh_receiver;

/** What a receiver has to know before its first policy. */
typedef struct {
  /** The receiver's own id; never 0. */
  uint32_t receiver;
  /** The cloud's Ed25519 public key: only blobs signed with it are obeyed. */
  uint8_t cloud_key[32];
  /** The cloud's other Ed25519 public key, which can replace the first one when that is lost or stolen; all zero: there is none. */
  uint8_t recovery_key[32];
} kh_receiver_config;

/** What the head of a blob says. It proves nothing about who wrote it. */
typedef struct {
  /** Rises with every blob for that recipient. */
  uint64_t sequence;
  /** Of a patch: the sequence of the policy that it changes; else 0. */
  uint64_t base;
  /** When the blob was made. */
  kh_instant issued_at;
  /** The first instant at which it may no longer be installed; KH_FOR_EVER: it always may. */
  kh_instant expires_at;
  /** The site or receiver it is for. */
  uint32_t recipient;
  /** Length of what follows the head, in bytes; the blob has KH_HEAD_BYTES more. */
  uint32_t length;
  /** The key it claims to be signed with: the first 8 bytes of the SHA-256 of the public key. */
  uint8_t key[8];
  /** SHA-256 of what follows the head; of a patch, of its base's digest and that. */
  uint8_t digest[32];
  /** What the blob carries. */
  kh_blob_kind kind;
  /** Always 0: it fills the structure up, so that no byte of it is left as it was. */
  uint8_t reserved[7];
} kh_head;

/** The library that was linked. */
typedef struct {
  /** Bytes of a kh_panel. */
  uint32_t panel_size;
  /** Bytes of a kh_receiver. */
  uint32_t receiver_size;
  /** Alignment of both, in bytes. */
  uint32_t alignment;
  /** Major, minor and patch version. */
  uint16_t version[3];
  /** The blob format it reads. */
  uint8_t blob_format;
  /** 1 if it has the names of reasons and events, else 0. */
  uint8_t has_names;
} kh_library;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a panel without a policy in `panel`: it denies everything until one is installed. Whatever the memory held before is gone.
 *
 * It lives in memory alone: without power, policy and ledger are gone. See kh_panel_boot().
 *
 * * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF (a recovery key may be all 0x00), or the same public key twice.
 *
 * A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
 */
kh_status kh_panel_init(kh_panel *panel,
                        const kh_panel_config *config);

/**
 * Makes a panel in `panel` that keeps policy and ledger in `flash`, and starts it with what it finds there: after a loss of power it is what it was. A flash
 * that has been erased makes a panel that denies everything. `flash` and `layout` are copied; what flash->context points to has to stay.
 *
 * From then on it is asked like any other. What an answer changes in the ledger is in the flash before the call returns; if it cannot be written there, the
 * answer is a refusal with KH_REASON_NOT_KEPT and has permitted nothing, but for a closing, which protects. Site and code key are those of `config` each time; its public keys count
 * for a flash that has been erased, and later ones come by key changes.
 *
 * * KH_NULL: a pointer or one of the functions of `flash` is NULL.
 * * KH_BAD_VALUE: as for kh_panel_init(), or `flash` has a unit or a block that the library was not built for.
 * * KH_FLASH_TOO_SMALL, KH_NOT_WHOLE_BLOCKS, KH_JOURNAL_TOO_SMALL, KH_FLASH_FAILED, KH_FLASH_FOREIGN: it cannot be booted so, and `panel` is wiped.
 *
 * A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
 */
kh_status kh_panel_boot(kh_panel *panel,
                        const kh_panel_config *config,
                        const kh_flash *flash,
                        const kh_layout *layout);

/**
 * Overwrites `panel` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
 * kh_panel_init() or kh_panel_boot(). Its flash stays as it is: erase that yourself.
 */
kh_status kh_panel_wipe(kh_panel *panel);

/**
 * Checks the `length` bytes of a blob and, if nothing is wrong with them, does what it says: a snapshot or a patch decides from now on. What the device
 * remembers stays, but for what belonged to contacts, engineers and grants that are no longer there.
 *
 * * KH_OK: installed now, or already: see `outcome`.
 * * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the blob. Nothing has changed; the old policy goes on deciding.
 * * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
 *
 * By far the longest call, and the one that takes most of the stack: it verifies an Ed25519 signature.
 */
kh_status kh_panel_install(kh_panel *panel,
                           const uint8_t *blob,
                           size_t length,
                           kh_instant now,
                           kh_installation *installation);

/**
 * Begins to install a blob that comes in pieces, with its head: its first KH_HEAD_BYTES bytes, which is what `length` has to be. They are judged at once, so
 * that nothing is fetched that is not for this device, too old or too long. The rest goes to kh_panel_append(), and then comes kh_panel_finish().
 * Once the head is found right, what has come of another blob is forgotten.
 *
 * * KH_OK with KH_POLICY_AWAITED: fetch the rest. With KH_POLICY_ALREADY_INSTALLED: there is no need to.
 * * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the head. Nothing has changed.
 * * KH_BAD_LENGTH: these are not KH_HEAD_BYTES.
 * * KH_NO_FLASH: the device was made by kh_panel_init().
 */
kh_status kh_panel_begin(kh_panel *panel,
                         const uint8_t *head,
                         size_t length,
                         kh_instant now,
                         kh_installation *installation);

/**
 * Takes the next `length` bytes of the blob that has been begun, however many they are. The policy is as it was.
 *
 * * KH_OK: `remaining` says how many are still to come.
 * * KH_NOT_A_BLOB: none has been begun, or it is longer than it says. Begin again.
 * * KH_NOT_KEPT: the flash did not keep it. Begin again.
 * * KH_NO_FLASH: the device was made by kh_panel_init().
 */
kh_status kh_panel_append(kh_panel *panel,
                          const uint8_t *bytes,
                          size_t length,
                          kh_installation *installation);

/**
 * Checks the blob that has come and, if nothing is wrong with it, does what it says, as kh_panel_install().
 *
 * * KH_NOT_A_BLOB: none has been begun, or not all of it has come. Begin again.
 * * KH_NO_FLASH: the device was made by kh_panel_init().
 */
kh_status kh_panel_finish(kh_panel *panel, kh_instant now, kh_installation *installation);

/**
 * Writes a report to the cloud into `bytes`, in postcard: what the device holds and what only it knows, and up to KH_REPORT_DUES of the deadlines that
 * kh_panel_supervise() has answered. `dues` may be NULL if `count` is 0; a `capacity` of KH_REPORT_BYTES is always enough. `length` bytes are the report,
 * and nothing else is.
 *
 * * KH_BAD_LENGTH: `capacity` is too small for this report, or `count` is above KH_REPORT_DUES.
 * * KH_BAD_VALUE: one of `dues` is none that was answered.
 */
kh_status kh_panel_report(const kh_panel *panel,
                          const kh_due *dues,
                          size_t count,
                          kh_instant now,
                          uint8_t *bytes,
                          size_t capacity,
                          size_t *length);

/**
 * The time that the device goes by when its clock reads `now`; KH_TIME_UNKNOWN if it does not believe the clock. It believes none that is below the
 * highest reading it has seen by more than the policy's tolerance: by this a display tells that the clock has to be put right. Nothing is changed.
 */
kh_status kh_panel_believed_time(const kh_panel *panel,
                                 kh_instant now,
                                 kh_instant *believed);

/** What the device has found wrong in its flash since it was booted. One without a flash has nothing to find. */
kh_status kh_panel_damage(const kh_panel *panel, kh_damage *damage);

/**
 * May the contact open or close? If so, it counts as done.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 * * KH_BAD_LENGTH: more than KH_LONGEST_TYPED bytes were typed.
 */
kh_status kh_panel_open_close(kh_panel *panel,
                              const kh_open_close *request,
                              kh_instant now,
                              kh_decision *decision);

/**
 * May the contact do this? If so, it is done.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 * * KH_BAD_LENGTH: more than KH_LONGEST_TYPED bytes were typed or told.
 */
kh_status kh_panel_act(kh_panel *panel,
                       const kh_act *request,
                       kh_instant now,
                       kh_decision *decision);

/**
 * May the engineer do this?
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_panel_engineer(kh_panel *panel,
                            const kh_engineer_request *request,
                            kh_instant now,
                            kh_decision *decision);

/**
 * May the engineer begin a session? If so, it is begun.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_panel_begin_session(kh_panel *panel,
                                 const kh_session_request *request,
                                 kh_instant now,
                                 kh_decision *decision);

/**
 * Ends the engineer's session.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_panel_end_session(kh_panel *panel,
                               const kh_session_request *request,
                               kh_instant now,
                               kh_decision *decision);

/**
 * May the engineer install this firmware?
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_panel_update(kh_panel *panel,
                          const kh_update_request *request,
                          kh_instant now,
                          kh_decision *decision);

/**
 * What has fallen due, one deadline a call, earliest first; `armed` are the areas that are armed now.
 * Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once: keep a `due` until it is sent. The first call
 * of a device only begins: what was due before it is not reported.
 */
kh_status kh_panel_supervise(kh_panel *panel,
                             const kh_area_list *armed,
                             kh_instant now,
                             kh_due *due);

/**
 * The id of the engineer with this identity.
 *
 * * KH_NOT_FOUND: the policy has none; `engineer` is 0.
 */
kh_status kh_panel_engineer_id(const kh_panel *panel, const kh_identity *identity, uint32_t *engineer);

/**
 * The policy that decides.
 *
 * * KH_NOT_FOUND: none does.
 */
kh_status kh_panel_provenance(const kh_panel *panel, kh_provenance *provenance);

/**
 * The areas that the site has.
 *
 * * KH_NOT_FOUND: there is no policy yet that would say; `areas` are none.
 */
kh_status kh_panel_areas(const kh_panel *panel, kh_area_list *areas);

/**
 * Makes a receiver without a policy in `receiver`: it denies everything until one is installed. Whatever the memory held before is gone.
 *
 * It lives in memory alone: without power, policy and ledger are gone. See kh_receiver_boot().
 *
 * * KH_BAD_VALUE: `config` has the id 0, or a key that is all 0x00 or all 0xFF (a recovery key may be all 0x00), or the same public key twice.
 *
 * A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
 */
kh_status kh_receiver_init(kh_receiver *receiver,
                           const kh_receiver_config *config);

/**
 * Makes a receiver in `receiver` that keeps policy and ledger in `flash`, and starts it with what it finds there: after a loss of power it is what it was. A flash
 * that has been erased makes a receiver that denies everything. `flash` and `layout` are copied; what flash->context points to has to stay.
 *
 * From then on it is asked like any other. What an answer changes in the ledger is in the flash before the call returns; if it cannot be written there, the
 * answer is a refusal with KH_REASON_NOT_KEPT and has permitted nothing. The id is that of `config` each time; its public keys count
 * for a flash that has been erased, and later ones come by key changes.
 *
 * * KH_NULL: a pointer or one of the functions of `flash` is NULL.
 * * KH_BAD_VALUE: as for kh_receiver_init(), or `flash` has a unit or a block that the library was not built for.
 * * KH_FLASH_TOO_SMALL, KH_NOT_WHOLE_BLOCKS, KH_JOURNAL_TOO_SMALL, KH_FLASH_FAILED, KH_FLASH_FOREIGN: it cannot be booted so, and `receiver` is wiped.
 *
 * A program whose header was compiled for other capacities than the library does not link: this name then has others behind it.
 */
kh_status kh_receiver_boot(kh_receiver *receiver,
                           const kh_receiver_config *config,
                           const kh_flash *flash,
                           const kh_layout *layout);

/**
 * Overwrites `receiver` with zeros, keys and all, initialised or not. Every call then answers KH_NOT_INITIALISED until the next
 * kh_receiver_init() or kh_receiver_boot(). Its flash stays as it is: erase that yourself.
 */
kh_status kh_receiver_wipe(kh_receiver *receiver);

/**
 * Checks the `length` bytes of a blob and, if nothing is wrong with them, does what it says: a snapshot or a patch decides from now on. What the device
 * remembers stays, but for what belonged to engineers and grants that are no longer there.
 *
 * * KH_OK: installed now, or already: see `outcome`.
 * * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the blob. Nothing has changed; the old policy goes on deciding.
 * * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
 *
 * By far the longest call, and the one that takes most of the stack: it verifies an Ed25519 signature.
 */
kh_status kh_receiver_install(kh_receiver *receiver,
                              const uint8_t *blob,
                              size_t length,
                              kh_instant now,
                              kh_installation *installation);

/**
 * Begins to install a blob that comes in pieces, with its head: its first KH_HEAD_BYTES bytes, which is what `length` has to be. They are judged at once, so
 * that nothing is fetched that is not for this device, too old or too long. The rest goes to kh_receiver_append(), and then comes kh_receiver_finish().
 * Once the head is found right, what has come of another blob is forgotten.
 *
 * * KH_OK with KH_POLICY_AWAITED: fetch the rest. With KH_POLICY_ALREADY_INSTALLED: there is no need to.
 * * KH_NOT_A_BLOB to KH_REFUSED: the first thing that is wrong with the head. Nothing has changed.
 * * KH_BAD_LENGTH: these are not KH_HEAD_BYTES.
 * * KH_NO_FLASH: the device was made by kh_receiver_init().
 */
kh_status kh_receiver_begin(kh_receiver *receiver,
                            const uint8_t *head,
                            size_t length,
                            kh_instant now,
                            kh_installation *installation);

/**
 * Takes the next `length` bytes of the blob that has been begun, however many they are. The policy is as it was.
 *
 * * KH_OK: `remaining` says how many are still to come.
 * * KH_NOT_A_BLOB: none has been begun, or it is longer than it says. Begin again.
 * * KH_NOT_KEPT: the flash did not keep it. Begin again.
 * * KH_NO_FLASH: the device was made by kh_receiver_init().
 */
kh_status kh_receiver_append(kh_receiver *receiver,
                             const uint8_t *bytes,
                             size_t length,
                             kh_installation *installation);

/**
 * Checks the blob that has come and, if nothing is wrong with it, does what it says, as kh_receiver_install().
 *
 * * KH_NOT_A_BLOB: none has been begun, or not all of it has come. Begin again.
 * * KH_NO_FLASH: the device was made by kh_receiver_init().
 */
kh_status kh_receiver_finish(kh_receiver *receiver,
                             kh_instant now,
                             kh_installation *installation);

/**
 * Writes a report to the cloud into `bytes`, in postcard: what the device holds and what only it knows, and up to KH_REPORT_DUES of the deadlines that
 * kh_receiver_supervise() has answered. `dues` may be NULL if `count` is 0; a `capacity` of KH_REPORT_BYTES is always enough. `length` bytes are the report,
 * and nothing else is.
 *
 * * KH_BAD_LENGTH: `capacity` is too small for this report, or `count` is above KH_REPORT_DUES.
 * * KH_BAD_VALUE: one of `dues` is none that was answered.
 */
kh_status kh_receiver_report(const kh_receiver *receiver,
                             const kh_due *dues,
                             size_t count,
                             kh_instant now,
                             uint8_t *bytes,
                             size_t capacity,
                             size_t *length);

/**
 * The time that the device goes by when its clock reads `now`; KH_TIME_UNKNOWN if it does not believe the clock. It believes none that is below the
 * highest reading it has seen by more than the policy's tolerance: by this a display tells that the clock has to be put right. Nothing is changed.
 */
kh_status kh_receiver_believed_time(const kh_receiver *receiver,
                                    kh_instant now,
                                    kh_instant *believed);

/** What the device has found wrong in its flash since it was booted. One without a flash has nothing to find. */
kh_status kh_receiver_damage(const kh_receiver *receiver, kh_damage *damage);

/**
 * May the engineer do this?
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_receiver_engineer(kh_receiver *receiver,
                               const kh_engineer_request *request,
                               kh_instant now,
                               kh_decision *decision);

/**
 * May the engineer begin a session? If so, it is begun.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_receiver_begin_session(kh_receiver *receiver,
                                    const kh_session_request *request,
                                    kh_instant now,
                                    kh_decision *decision);

/**
 * Ends the engineer's session.
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_receiver_end_session(kh_receiver *receiver,
                                  const kh_session_request *request,
                                  kh_instant now,
                                  kh_decision *decision);

/**
 * May the engineer install this firmware?
 *
 * * KH_BAD_VALUE: a field of `request` is not one of the numbers listed for it, or out of its range. Nothing was asked, counted or changed.
 */
kh_status kh_receiver_update(kh_receiver *receiver,
                             const kh_update_request *request,
                             kh_instant now,
                             kh_decision *decision);

/**
 * What has fallen due, one deadline a call, earliest first.
 * Call it at least every minute, and again until it answers KH_DUE_NOTHING. Each deadline is reported exactly once: keep a `due` until it is sent. The first call
 * of a device only begins: what was due before it is not reported.
 */
kh_status kh_receiver_supervise(kh_receiver *receiver,
                                kh_instant now,
                                kh_due *due);

/**
 * The id of the engineer with this identity.
 *
 * * KH_NOT_FOUND: the policy has none; `engineer` is 0.
 */
kh_status kh_receiver_engineer_id(const kh_receiver *receiver,
                                  const kh_identity *identity,
                                  uint32_t *engineer);

/**
 * The policy that decides.
 *
 * * KH_NOT_FOUND: none does.
 */
kh_status kh_receiver_provenance(const kh_receiver *receiver, kh_provenance *provenance);

/**
 * Reads the head of a blob, of which the first 144 bytes are enough, without judging who wrote it: to find out whose it is and
 * whether it is worth fetching.
 *
 * * KH_NOT_A_BLOB and KH_NEWER_FORMAT: it is not one that this library reads.
 * * KH_BAD_LENGTH: longer than KH_LONGEST_BLOB.
 */
kh_status kh_blob_head(const uint8_t *blob,
                       size_t length,
                       kh_head *head);

/**
 * The date of a year (1970..=2499), month (1..=12) and day (1..=31).
 *
 * * KH_BAD_VALUE: the calendar has no such day; `date` is 0.
 */
kh_status kh_date_of(uint16_t year, uint8_t month, uint8_t day, kh_date *date);

/** What library was linked, for a program to log and to compare with its header. */
kh_status kh_about(kh_library *library);

/**
 * The name of a reason, as in the documentation; a string that is there for ever.
 *
 * * KH_NOT_FOUND: no reason has that number; the name is empty.
 * * KH_LEFT_OUT: the library was built without names; the name is empty.
 */
kh_status kh_reason_name(kh_reason reason, const char **name);

/** The name of an event. As for kh_reason_name(). */
kh_status kh_event_name(kh_event event, const char **name);

/** The name of a part of a policy. As for kh_reason_name(). */
kh_status kh_part_name(kh_part part, const char **name);

/** What is wrong with a row of a policy, to be read after "row n of part". As for kh_reason_name(). */
kh_status kh_fault_name(kh_fault fault, const char **name);

/** The name of a status. As for kh_reason_name(). */
kh_status kh_status_name(kh_status status, const char **name);

/** What a blob of that kind is. As for kh_reason_name(). */
kh_status kh_blob_kind_name(kh_blob_kind kind, const char **name);

#ifdef __cplusplus
} /* extern "C" */
#endif  /* __cplusplus */

#endif  /* KEYHOLDER_H */
