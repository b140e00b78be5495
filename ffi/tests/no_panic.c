/*
 * Calls every function once. Linked against a library in which a panic refers to a function that does not exist, it is the
 * proof that there is none: `ffi/tests/no_panic.sh`.
 */
#include <keyholder.h>

static kh_panel panel;
static kh_receiver receiver;
static kh_panel_config panel_config;
static kh_receiver_config receiver_config;
static kh_open_close open_close;
static kh_act act;
static kh_engineer_request engineer;
static kh_session_request session;
static kh_update_request update;
static kh_area_list armed;
static kh_identity identity;
static kh_decision decision;
static kh_due due;
static kh_installation installation;
static kh_provenance provenance;
static kh_head head;
static kh_library library;
static uint8_t blob[144];
static uint32_t id;
static kh_date date;
static const char *name;
static kh_flash flash;
static kh_layout layout;
static kh_damage damage;
static kh_instant believed;
static uint8_t message[KH_REPORT_BYTES];
static size_t length;

int main(void) {
  unsigned statuses = 0;
  statuses += kh_panel_init(&panel, &panel_config);
  statuses += kh_panel_boot(&panel, &panel_config, &flash, &layout);
  statuses += kh_panel_begin(&panel, blob, sizeof blob, 0, &installation);
  statuses += kh_panel_append(&panel, blob, sizeof blob, &installation);
  statuses += kh_panel_finish(&panel, 0, &installation);
  statuses += kh_panel_report(&panel, &due, 1, 0, message, sizeof message, &length);
  statuses += kh_panel_believed_time(&panel, 0, &believed);
  statuses += kh_panel_damage(&panel, &damage);
  statuses += kh_panel_install(&panel, blob, sizeof blob, 0, &installation);
  statuses += kh_panel_open_close(&panel, &open_close, 0, &decision);
  statuses += kh_panel_act(&panel, &act, 0, &decision);
  statuses += kh_panel_engineer(&panel, &engineer, 0, &decision);
  statuses += kh_panel_begin_session(&panel, &session, 0, &decision);
  statuses += kh_panel_end_session(&panel, &session, 0, &decision);
  statuses += kh_panel_update(&panel, &update, 0, &decision);
  statuses += kh_panel_supervise(&panel, &armed, 0, &due);
  statuses += kh_panel_engineer_id(&panel, &identity, &id);
  statuses += kh_panel_provenance(&panel, &provenance);
  statuses += kh_panel_areas(&panel, &armed);
  statuses += kh_panel_wipe(&panel);
  statuses += kh_receiver_init(&receiver, &receiver_config);
  statuses += kh_receiver_boot(&receiver, &receiver_config, &flash, &layout);
  statuses += kh_receiver_begin(&receiver, blob, sizeof blob, 0, &installation);
  statuses += kh_receiver_append(&receiver, blob, sizeof blob, &installation);
  statuses += kh_receiver_finish(&receiver, 0, &installation);
  statuses += kh_receiver_report(&receiver, &due, 1, 0, message, sizeof message, &length);
  statuses += kh_receiver_believed_time(&receiver, 0, &believed);
  statuses += kh_receiver_damage(&receiver, &damage);
  statuses += kh_receiver_install(&receiver, blob, sizeof blob, 0, &installation);
  statuses += kh_receiver_engineer(&receiver, &engineer, 0, &decision);
  statuses += kh_receiver_begin_session(&receiver, &session, 0, &decision);
  statuses += kh_receiver_end_session(&receiver, &session, 0, &decision);
  statuses += kh_receiver_update(&receiver, &update, 0, &decision);
  statuses += kh_receiver_supervise(&receiver, 0, &due);
  statuses += kh_receiver_engineer_id(&receiver, &identity, &id);
  statuses += kh_receiver_provenance(&receiver, &provenance);
  statuses += kh_receiver_wipe(&receiver);
  statuses += kh_blob_head(blob, sizeof blob, &head);
  statuses += kh_date_of(2026, 11, 23, &date);
  statuses += kh_about(&library);
  statuses += kh_reason_name(1, &name);
  statuses += kh_event_name(1, &name);
  statuses += kh_part_name(1, &name);
  statuses += kh_fault_name(1, &name);
  statuses += kh_status_name(1, &name);
  statuses += kh_blob_kind_name(1, &name);
  return (statuses == 0u) ? 1 : 0;
}
