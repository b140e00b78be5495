/*
 * A test runner of one page: named checks, and outputs that are preset with garbage.
 */
#ifndef CHECK_H
#define CHECK_H

#include <keyholder.h>

#include <stdio.h>
#include <string.h>

#include "example.h"

static unsigned check_count = 0;
static unsigned check_failures = 0;

/* Counts a check, and tells which row of which table failed. */
static void check(int holds, const char *table, const char *row, const char *what) {
  check_count++;
  if (!holds) {
    check_failures++;
    printf("FAILED %s: %s: %s\n", table, row, what);
  }
}

#define CHECK(holds, row) check((holds) ? 1 : 0, __func__, (row), #holds)

static int check_result(const char *program) {
  printf("%s: %u checks, %u failed\n", program, check_count, check_failures);
  return ((check_failures == 0u) && (check_count > 0u)) ? 0 : 1;
}

/* What an output holds before the call: nothing that a function writes by chance. */
#define GARBAGE 0xAA

static int is_zero(const uint8_t *bytes, size_t length) {
  size_t index;
  for (index = 0; index < length; index++) {
    if (bytes[index] != 0u) {
      return 0;
    }
  }
  return 1;
}

static int refuses_contact_id(const kh_contact_id *id) {
  return (id->event == 0u) && (id->user == 0u) && (id->qualifier == 0u) && (id->group == 0u);
}

static int refuses_report(const kh_report *report) {
  return (report->event == KH_EVENT_NOTHING) && (report->areas == 0u) && (report->engineer == 0u) &&
         (report->site == 0u) && (report->grant == 0u) && (report->user == 0u) && (report->system == 0u) &&
         refuses_contact_id(&report->contact_id) && (report->sia[0] == '\0') && (report->sia[1] == '\0') &&
         (report->sia[2] == '\0') && is_zero(report->reserved, sizeof report->reserved);
}

/* Whether a decision holds what permits nothing, in every field. */
static int refuses_decision(const void *output) {
  const kh_decision *decision = (const kh_decision *)output;
  return (decision->verdict == KH_DENY) && (decision->reason == KH_REASON_INVALID) &&
         (decision->public_reason == KH_PUBLIC_NOT_ACCEPTED) && (decision->until == KH_NEVER) &&
         (decision->close_by == KH_NEVER) && (decision->grant == 0u) && (decision->user == 0u) &&
         (decision->left == 0u) && refuses_report(&decision->report) && is_zero(decision->reserved, sizeof decision->reserved);
}

static int refuses_areas(const void *output) {
  return is_zero((const uint8_t *)output, sizeof(kh_area_list));
}

static int refuses_provenance(const void *output) {
  const kh_provenance *provenance = (const kh_provenance *)output;
  return (provenance->sequence == 0u) && (provenance->issued_at == KH_NEVER) &&
         is_zero(provenance->digest, sizeof provenance->digest);
}

static int refuses_head(const void *output) {
  const kh_head *head = (const kh_head *)output;
  return (head->sequence == 0u) && (head->base == 0u) && (head->issued_at == KH_NEVER) && (head->expires_at == KH_NEVER) &&
         (head->recipient == 0u) && (head->length == 0u) && (head->kind == 0u) && is_zero(head->key, sizeof head->key) &&
         is_zero(head->digest, sizeof head->digest) && is_zero(head->reserved, sizeof head->reserved);
}

/* Seconds of 2026-11-22T08:00:00Z and of the Monday after it, 09:00 in New York, when the example's shop is open. */
#define SUNDAY ((kh_instant)EXAMPLE_ISSUED)
#define MONDAY (SUNDAY + 86400 + (6 * 3600))

/* A device with the example's policy, made afresh. */
static void make_panel(kh_panel *panel) {
  kh_panel_config config;
  kh_installation installation;
  memset(&config, 0, sizeof config);
  config.site = EXAMPLE_SITE;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  memcpy(config.code_key, example_code_key, sizeof config.code_key);
  CHECK(kh_panel_init(panel, &config) == KH_OK, "example");
  CHECK(kh_panel_install(panel, example_panel_blob, sizeof example_panel_blob, SUNDAY, &installation) == KH_OK, "example");
  CHECK(installation.outcome == KH_POLICY_INSTALLED, "example");
  CHECK(installation.sequence == 3u, "example");
}

static void make_receiver(kh_receiver *receiver) {
  kh_receiver_config config;
  kh_installation installation;
  memset(&config, 0, sizeof config);
  config.receiver = EXAMPLE_RECEIVER;
  memcpy(config.cloud_key, example_cloud_key, sizeof config.cloud_key);
  CHECK(kh_receiver_init(receiver, &config) == KH_OK, "example");
  CHECK(kh_receiver_install(receiver, example_receiver_blob, sizeof example_receiver_blob, SUNDAY, &installation) == KH_OK, "example");
  CHECK(installation.outcome == KH_POLICY_INSTALLED, "example");
}

static kh_who who_typed(uint8_t kind, uint16_t user, const char *typed) {
  kh_who who;
  memset(&who, 0, sizeof who);
  who.kind = kind;
  who.user = user;
  who.typed = (const uint8_t *)typed;
  who.typed_length = strlen(typed);
  return who;
}

/* User 12 opens area 1 with its code. */
static kh_open_close good_open_close(void) {
  kh_open_close request;
  memset(&request, 0, sizeof request);
  request.who = who_typed(KH_WHO_CODE, 0, "13795");
  request.place.system = 1;
  request.place.areas = 1;
  request.action = KH_ACTION_OPEN;
  return request;
}

static kh_act good_act(void) {
  kh_act request;
  memset(&request, 0, sizeof request);
  request.who = who_typed(KH_WHO_CODE, 0, "2580");
  request.kind = KH_ACT_CANCEL_ALARM;
  return request;
}

static kh_engineer_request good_engineer(void) {
  kh_engineer_request request;
  memset(&request, 0, sizeof request);
  request.engineer = 41;
  request.site = EXAMPLE_SITE;
  request.capabilities = KH_CAPABILITY_VIEW_SETTINGS;
  return request;
}

static kh_session_request good_session(void) {
  kh_session_request request;
  memset(&request, 0, sizeof request);
  request.engineer = 41;
  request.site = EXAMPLE_SITE;
  return request;
}

static kh_update_request good_update(void) {
  kh_update_request request;
  memset(&request, 0, sizeof request);
  request.engineer = 41;
  request.site = EXAMPLE_SITE;
  memcpy(request.model, "KP-200", 6);
  request.version[0] = 2;
  request.version[1] = 1;
  request.installed[0] = 2;
  return request;
}

#endif
