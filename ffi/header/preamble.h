
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
@small@
#elif defined(KH_PRESET_LARGE)
@large@
#else
@standard@
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
