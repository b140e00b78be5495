#include "arrival.h"

#include <string.h>

static void halve(uint64_t number, uint32_t details[3]) {
  details[0] = (uint32_t)number;
  details[1] = (uint32_t)(number >> 32);
}

static void say_part(struct text *words, kh_part part) {
  const char *name;
  (void)kh_part_name(part, &name);
  text_add(words, name);
}

/* What is wrong with a blob that begins with `head`: in numbers, and in words for a person at the other end. */
static struct refusal refusal_of(kh_status status, const kh_installation *installation, const kh_head *head) {
  struct refusal refusal = {0};
  struct text *words = &refusal.words;
  uint32_t *details = refusal.details;
  struct fields key = fields_of(head->key, sizeof head->key);
  kh_library library;
  const char *name;
  refusal.status = status;
  switch (status) {
    case KH_NOT_A_BLOB:
      text_add(words, "not a whole blob: fetch it again");
      break;
    case KH_NEWER_FORMAT:
      details[0] = installation->version;
      details[1] = installation->kind;
      (void)kh_about(&library);
      text_add(words, "format ");
      text_add_number(words, installation->version);
      text_add(words, ", kind ");
      text_add_number(words, installation->kind);
      text_add(words, ", is not known here: ask the cloud for format ");
      text_add_number(words, library.blob_format);
      break;
    case KH_WRONG_RECIPIENT:
      details[0] = head->recipient;
      text_add(words, "made for ");
      text_add_number(words, head->recipient);
      text_add(words, ", which is not this device: fetch this device's");
      break;
    case KH_UNKNOWN_KEY:
      details[0] = take_u32(&key);
      details[1] = take_u32(&key);
      text_add(words, "signed with a key that this device does not hold");
      break;
    case KH_BAD_SIGNATURE:
      text_add(words, "altered after it was signed, or never signed with that key: fetch it again");
      break;
    case KH_STALE:
      halve(installation->passed, details);
      text_add(words, "not above sequence ");
      text_add_number(words, installation->passed);
      text_add(words, ", which is installed: send a later one");
      break;
    case KH_EXPIRED:
      text_add(words, "too old to be installed: ask the cloud for a fresh one");
      break;
    case KH_DOES_NOT_FIT:
      details[0] = installation->part;
      details[1] = installation->rows;
      details[2] = installation->capacity;
      text_add_number(words, installation->rows);
      text_add(words, " ");
      say_part(words, installation->part);
      text_add(words, " are more than the ");
      text_add_number(words, installation->capacity);
      text_add(words, " this device has room for");
      break;
    case KH_INVALID_POLICY:
      details[0] = installation->part;
      details[1] = installation->row;
      details[2] = installation->fault;
      (void)kh_fault_name(installation->fault, &name);
      text_add(words, "row ");
      text_add_number(words, installation->row);
      text_add(words, " of the ");
      say_part(words, installation->part);
      text_add(words, " ");
      text_add(words, name);
      break;
    case KH_OTHER_BASE:
      halve(installation->sequence, details);
      text_add(words, "a patch of another policy than sequence ");
      text_add_number(words, installation->sequence);
      text_add(words, ", which decides: send a snapshot");
      break;
    case KH_TOO_LONG:
      details[0] = installation->room;
      text_add(words, "longer than the ");
      text_add_number(words, installation->room);
      text_add(words, " bytes there is room for: after a patch, send a snapshot");
      break;
    case KH_NOT_KEPT:
      text_add(words, "the flash did not keep it: send it again, and have the device looked at if that fails too");
      break;
    default:
      /* A refusal that this page does not know yet is a refusal all the same. */
      refusal.status = KH_REFUSED;
      (void)kh_status_name(status, &name);
      text_add(words, "refused: ");
      text_add(words, name);
      break;
  }
  return refusal;
}

static struct answer refuse(const struct arrival *arrival, kh_status status, const kh_installation *installation) {
  const struct refusal refusal = refusal_of(status, installation, &arrival->head);
  return answer_refused(&refusal);
}

struct answer arrival_begin(struct arrival *arrival, kh_panel *panel, const uint8_t *head, size_t length, kh_instant now) {
  kh_installation installation = {0};
  kh_status status;
  memset(arrival, 0, sizeof *arrival);
  if (length != KH_HEAD_BYTES) {
    return refuse(arrival, KH_NOT_A_BLOB, &installation);
  }
  /* What cannot be read is judged below. */
  (void)kh_blob_head(head, length, &arrival->head);
  status = kh_panel_begin(panel, head, length, now, &installation);
  if (status != KH_OK) {
    return refuse(arrival, status, &installation);
  }
  if (installation.outcome != KH_POLICY_AWAITED) {
    return answer_installed(installation.outcome, arrival->head.sequence);
  }
  arrival->has_begun = true;
  return answer_done();
}

struct answer arrival_append(struct arrival *arrival, kh_panel *panel, uint32_t offset, const uint8_t *bytes, size_t length) {
  kh_installation installation;
  kh_status status;
  const bool is_due = arrival->has_begun && (offset == arrival->offset);
  /* Until this part is there: after anything that goes wrong the sender has to begin anew. */
  arrival->has_begun = false;
  if (!is_due) {
    return answer_failed(FAILURE_OUT_OF_ORDER);
  }
  status = kh_panel_append(panel, bytes, length, &installation);
  if (status != KH_OK) {
    return refuse(arrival, status, &installation);
  }
  arrival->has_begun = true;
  arrival->offset += (uint32_t)length;
  return answer_done();
}

struct answer arrival_finish(struct arrival *arrival, kh_panel *panel, kh_instant now) {
  kh_installation installation;
  kh_status status;
  if (!arrival->has_begun) {
    return answer_failed(FAILURE_OUT_OF_ORDER);
  }
  arrival->has_begun = false;
  status = kh_panel_finish(panel, now, &installation);
  if (status != KH_OK) {
    return refuse(arrival, status, &installation);
  }
  return answer_installed(installation.outcome, arrival->head.sequence);
}
