#include "identity.h"

#include <string.h>

#include "frame.h"

bool identity_read(const uint8_t bytes[IDENTITY_BYTES], struct identity *identity) {
  const size_t covered = IDENTITY_BYTES - FRAME_SUM;
  struct fields fields = fields_of(bytes, IDENTITY_BYTES);
  uint8_t magic[4];
  uint32_t system;
  take_bytes(&fields, magic, sizeof magic);
  identity->config.site = take_u32(&fields);
  take_bytes(&fields, identity->config.cloud_key, sizeof identity->config.cloud_key);
  take_bytes(&fields, identity->config.recovery_key, sizeof identity->config.recovery_key);
  take_bytes(&fields, identity->config.code_key, sizeof identity->config.code_key);
  system = take_u32(&fields);
  identity->keypad.areas = take_u32(&fields);
  identity->keypad.system = (uint8_t)system;
  return (memcmp(magic, "KHID", sizeof magic) == 0) && (take_u32(&fields) == check_sum(bytes, covered)) && (system >= 1u) &&
         (system <= KH_SYSTEMS);
}
