/*
 * The layout of everything that crosses the boundary, held at compile time against the numbers that ffi/src/layout.rs holds the
 * library's types against. P is the size of a pointer.
 */
#include <keyholder.h>

#include <stdio.h>

#define P sizeof(void *)
/* Rounded up to whole pointers. */
#define PADDED(size) (((size) + (P - 1)) / P * P)

/* Not a static assertion, which C99 has not: an array that cannot be made. */
#define HOLDS(condition, name) typedef char name[(condition) ? 1 : -1]
#define SIZE(type, size) HOLDS(sizeof(type) == (size), type##_size)
#define FIELD(type, field, offset) HOLDS(offsetof(type, field) == (offset), type##_##field##_offset)

SIZE(kh_panel_config, 100);
FIELD(kh_panel_config, site, 0);
FIELD(kh_panel_config, cloud_key, 4);
FIELD(kh_panel_config, code_key, 36);
FIELD(kh_panel_config, recovery_key, 68);

SIZE(kh_flash, 4 * P + PADDED(12));
FIELD(kh_flash, context, 0);
FIELD(kh_flash, read, P);
FIELD(kh_flash, write, 2 * P);
FIELD(kh_flash, erase, 3 * P);
FIELD(kh_flash, capacity, 4 * P);
FIELD(kh_flash, write_bytes, 4 * P + 4);
FIELD(kh_flash, erase_bytes, 4 * P + 8);

SIZE(kh_layout, 8);
FIELD(kh_layout, slot_bytes, 0);
FIELD(kh_layout, journal_bytes, 4);

SIZE(kh_installation, 200);
FIELD(kh_installation, sequence, 0);
FIELD(kh_installation, passed, 8);
FIELD(kh_installation, remaining, 16);
FIELD(kh_installation, room, 20);
FIELD(kh_installation, rows, 24);
FIELD(kh_installation, capacity, 28);
FIELD(kh_installation, row, 30);
FIELD(kh_installation, outcome, 32);
FIELD(kh_installation, part, 33);
FIELD(kh_installation, fault, 34);
FIELD(kh_installation, version, 35);
FIELD(kh_installation, kind, 36);
FIELD(kh_installation, acknowledgement_length, 37);
FIELD(kh_installation, acknowledgement, 38);
FIELD(kh_installation, reserved, 198);

SIZE(kh_who, 3 * P);
FIELD(kh_who, typed, 0);
FIELD(kh_who, typed_length, P);
FIELD(kh_who, user, 2 * P);
FIELD(kh_who, kind, 2 * P + 2);

SIZE(kh_place, 8);
FIELD(kh_place, areas, 0);
FIELD(kh_place, system, 4);

SIZE(kh_open_close, PADDED(3 * P + 13));
FIELD(kh_open_close, who, 0);
FIELD(kh_open_close, place, 3 * P);
FIELD(kh_open_close, armed_by, 3 * P + 8);
FIELD(kh_open_close, action, 3 * P + 10);
FIELD(kh_open_close, remote, 3 * P + 11);
FIELD(kh_open_close, in_alarm, 3 * P + 12);

SIZE(kh_contact_id, 6);
FIELD(kh_contact_id, event, 0);
FIELD(kh_contact_id, user, 2);
FIELD(kh_contact_id, qualifier, 4);
FIELD(kh_contact_id, group, 5);

SIZE(kh_report, 32);
FIELD(kh_report, areas, 0);
FIELD(kh_report, engineer, 4);
FIELD(kh_report, site, 8);
FIELD(kh_report, grant, 12);
FIELD(kh_report, contact_id, 16);
FIELD(kh_report, user, 22);
FIELD(kh_report, event, 24);
FIELD(kh_report, system, 25);
FIELD(kh_report, sia, 26);
FIELD(kh_report, reserved, 29);

SIZE(kh_decision, 64);
FIELD(kh_decision, until, 0);
FIELD(kh_decision, close_by, 8);
FIELD(kh_decision, verdict, 16);
FIELD(kh_decision, grant, 20);
FIELD(kh_decision, report, 24);
FIELD(kh_decision, user, 56);
FIELD(kh_decision, left, 58);
FIELD(kh_decision, reason, 60);
FIELD(kh_decision, public_reason, 61);
FIELD(kh_decision, reserved, 62);

SIZE(kh_area_list, 32);
FIELD(kh_area_list, systems, 0);

SIZE(kh_span, 8);
FIELD(kh_span, opens_from, 0);
FIELD(kh_span, must_be_open_by, 2);
FIELD(kh_span, closes_from, 4);
FIELD(kh_span, must_be_closed_by, 6);

SIZE(kh_act, PADDED(3 * P + 69));
FIELD(kh_act, who, 0);
FIELD(kh_act, areas, 3 * P);
FIELD(kh_act, place, 3 * P + 32);
FIELD(kh_act, span, 3 * P + 40);
FIELD(kh_act, date, 3 * P + 48);
FIELD(kh_act, engineer, 3 * P + 52);
FIELD(kh_act, grant, 3 * P + 56);
FIELD(kh_act, minutes, 3 * P + 60);
FIELD(kh_act, target, 3 * P + 62);
FIELD(kh_act, schedule, 3 * P + 64);
FIELD(kh_act, closed, 3 * P + 65);
FIELD(kh_act, answers_request, 3 * P + 66);
FIELD(kh_act, remote, 3 * P + 67);
FIELD(kh_act, kind, 3 * P + 68);

SIZE(kh_engineer_request, 12);
FIELD(kh_engineer_request, engineer, 0);
FIELD(kh_engineer_request, site, 4);
FIELD(kh_engineer_request, capabilities, 8);

SIZE(kh_session_request, 8);
FIELD(kh_session_request, engineer, 0);
FIELD(kh_session_request, site, 4);

SIZE(kh_update_request, 72);
FIELD(kh_update_request, engineer, 0);
FIELD(kh_update_request, site, 4);
FIELD(kh_update_request, version, 8);
FIELD(kh_update_request, installed, 16);
FIELD(kh_update_request, model, 24);
FIELD(kh_update_request, image, 40);

SIZE(kh_due, 48);
FIELD(kh_due, at, 0);
FIELD(kh_due, report, 8);
FIELD(kh_due, kind, 40);
FIELD(kh_due, reserved, 41);

SIZE(kh_identity, 16);
FIELD(kh_identity, bytes, 0);

SIZE(kh_provenance, 48);
FIELD(kh_provenance, sequence, 0);
FIELD(kh_provenance, issued_at, 8);
FIELD(kh_provenance, digest, 16);

SIZE(kh_receiver_config, 68);
FIELD(kh_receiver_config, receiver, 0);
FIELD(kh_receiver_config, cloud_key, 4);
FIELD(kh_receiver_config, recovery_key, 36);

SIZE(kh_head, 88);
FIELD(kh_head, sequence, 0);
FIELD(kh_head, base, 8);
FIELD(kh_head, issued_at, 16);
FIELD(kh_head, expires_at, 24);
FIELD(kh_head, recipient, 32);
FIELD(kh_head, length, 36);
FIELD(kh_head, key, 40);
FIELD(kh_head, digest, 48);
FIELD(kh_head, kind, 80);
FIELD(kh_head, reserved, 81);

SIZE(kh_library, 20);
FIELD(kh_library, panel_size, 0);
FIELD(kh_library, receiver_size, 4);
FIELD(kh_library, alignment, 8);
FIELD(kh_library, version, 12);
FIELD(kh_library, blob_format, 18);
FIELD(kh_library, has_names, 19);

/* Devices are whole words, as large as the header says and aligned like them. */
HOLDS(sizeof(kh_panel) == KH_PANEL_SIZE, kh_panel_size);
HOLDS(sizeof(kh_receiver) == KH_RECEIVER_SIZE, kh_receiver_size);
typedef struct {
  char byte;
  kh_panel panel;
} panel_behind_byte;
typedef struct {
  char byte;
  uint64_t word;
} word_behind_byte;
HOLDS(offsetof(panel_behind_byte, panel) == offsetof(word_behind_byte, word), kh_panel_alignment);

int main(void) {
  kh_library library;
  if ((kh_about(&library) != KH_OK) || (library.panel_size != sizeof(kh_panel)) ||
      (library.receiver_size != sizeof(kh_receiver)) || (library.alignment != offsetof(word_behind_byte, word))) {
    puts("layout: header and library do not agree");
    return 1;
  }
  puts("layout: header and library agree");
  return 0;
}
