/*
 * keyholder for C++17: the calls of keyholder.h as functions that return values, and views of bytes in place of pointer and length.
 *
 * Nothing here allocates, throws or owns anything: devices stay where you put them, and nothing is done when they go. Every function
 * returns a Result, which holds the status and the answer; the answer of a call that was not carried out permits nothing. The
 * conventions at the top of keyholder.h hold.
 */
#ifndef KEYHOLDER_HPP
#define KEYHOLDER_HPP

#include "keyholder.h"

#include <cstddef>
#include <cstdint>

namespace keyholder {

/** Bytes that somebody else owns, like a std::span<const std::uint8_t> of C++20. */
class Bytes {
 public:
  constexpr Bytes() noexcept = default;
  constexpr Bytes(const std::uint8_t *data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <std::size_t Size>
  constexpr Bytes(const std::uint8_t (&bytes)[Size]) noexcept : data_(bytes), size_(Size) {}
  /** Of whatever has data() and size() of std::uint8_t: std::array, std::vector, std::span. A std::string has char: copy it into one of these. */
  template <typename Container, typename Data = decltype(static_cast<const Container *>(nullptr)->data())>
  constexpr Bytes(const Container &container) noexcept : data_(Data(container.data())), size_(container.size()) {}

  constexpr const std::uint8_t *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }

 private:
  const std::uint8_t *data_ = nullptr;
  std::size_t size_ = 0;
};

/** What became of a call, and its answer. */
template <typename Answer>
struct Result {
  kh_status status;
  Answer answer;

  /** Whether the call was carried out. It says nothing about permission: see allows(). */
  constexpr bool is_answered() const noexcept { return status == KH_OK; }
};

/** Whether the call was carried out and its decision is KH_ALLOW, or a violation where those are `accepted` too. */
constexpr bool allows(const Result<kh_decision> &result, bool violations_accepted = false) noexcept {
  return result.is_answered() &&
         ((result.answer.verdict == KH_ALLOW) || (violations_accepted && (result.answer.verdict == KH_ALLOW_WITH_VIOLATION)));
}

/** Who asks, for kh_open_close and kh_act. The bytes have to stay until the call returns. */
constexpr kh_who user(std::uint16_t number) noexcept { return {nullptr, 0, number, KH_WHO_USER}; }
constexpr kh_who code(Bytes digits) noexcept { return {digits.data(), digits.size(), 0, KH_WHO_CODE}; }
constexpr kh_who code_of(std::uint16_t number, Bytes digits) noexcept {
  return {digits.data(), digits.size(), number, KH_WHO_USER_AND_CODE};
}
constexpr kh_who passcode(Bytes told) noexcept { return {told.data(), told.size(), 0, KH_WHO_PASSCODE}; }
constexpr kh_who passcode_of(std::uint16_t number, Bytes told) noexcept {
  return {told.data(), told.size(), number, KH_WHO_USER_AND_PASSCODE};
}

/** The calls of a panel. */
inline kh_status init(kh_panel &panel, const kh_panel_config &config) noexcept { return kh_panel_init(&panel, &config); }
inline kh_status wipe(kh_panel &panel) noexcept { return kh_panel_wipe(&panel); }
inline Result<kh_installation> install(kh_panel &panel, Bytes blob, kh_instant now) noexcept {
  Result<kh_installation> result;
  result.status = kh_panel_install(&panel, blob.data(), blob.size(), now, &result.answer);
  return result;
}
inline Result<kh_decision> open_close(kh_panel &panel, const kh_open_close &request, kh_instant now) noexcept {
  Result<kh_decision> result;
  result.status = kh_panel_open_close(&panel, &request, now, &result.answer);
  return result;
}
inline Result<kh_decision> act(kh_panel &panel, const kh_act &request, kh_instant now) noexcept {
  Result<kh_decision> result;
  result.status = kh_panel_act(&panel, &request, now, &result.answer);
  return result;
}
inline Result<kh_due> supervise(kh_panel &panel, const kh_area_list &armed, kh_instant now) noexcept {
  Result<kh_due> result;
  result.status = kh_panel_supervise(&panel, &armed, now, &result.answer);
  return result;
}
inline Result<kh_due> supervise(kh_receiver &receiver, kh_instant now) noexcept {
  Result<kh_due> result;
  result.status = kh_receiver_supervise(&receiver, now, &result.answer);
  return result;
}

/** The calls of a receiver. */
inline kh_status init(kh_receiver &receiver, const kh_receiver_config &config) noexcept { return kh_receiver_init(&receiver, &config); }
inline kh_status wipe(kh_receiver &receiver) noexcept { return kh_receiver_wipe(&receiver); }
inline Result<kh_installation> install(kh_receiver &receiver, Bytes blob, kh_instant now) noexcept {
  Result<kh_installation> result;
  result.status = kh_receiver_install(&receiver, blob.data(), blob.size(), now, &result.answer);
  return result;
}

/**
 * The functions of a kh_flash, from any type that has such members:
 *
 *   bool read(std::uint32_t at, std::uint8_t *bytes, std::uint32_t length) noexcept;
 *   bool write(std::uint32_t at, const std::uint8_t *bytes, std::uint32_t length) noexcept;
 *   bool erase(std::uint32_t at, std::uint32_t length) noexcept;
 *
 * each true for success. `driver` has to stay as long as the device is used.
 */
template <typename Driver>
kh_flash flash(Driver &driver, std::uint32_t capacity, std::uint32_t write_bytes, std::uint32_t erase_bytes) noexcept {
  kh_flash made{};
  made.context = &driver;
  made.read = [](void *context, std::uint32_t at, std::uint8_t *bytes, std::uint32_t length) {
    return static_cast<Driver *>(context)->read(at, bytes, length) ? 0 : -1;
  };
  made.write = [](void *context, std::uint32_t at, const std::uint8_t *bytes, std::uint32_t length) {
    return static_cast<Driver *>(context)->write(at, bytes, length) ? 0 : -1;
  };
  made.erase = [](void *context, std::uint32_t at, std::uint32_t length) {
    return static_cast<Driver *>(context)->erase(at, length) ? 0 : -1;
  };
  made.capacity = capacity;
  made.write_bytes = write_bytes;
  made.erase_bytes = erase_bytes;
  return made;
}

/** Devices in flash; they are asked like the others. */
inline kh_status boot(kh_panel &panel, const kh_panel_config &config, const kh_flash &flash, const kh_layout &layout) noexcept {
  return kh_panel_boot(&panel, &config, &flash, &layout);
}
inline kh_status boot(kh_receiver &receiver, const kh_receiver_config &config, const kh_flash &flash, const kh_layout &layout) noexcept {
  return kh_receiver_boot(&receiver, &config, &flash, &layout);
}

/** The calls about blobs in pieces, reports, clocks and damage, for both. */
#define KEYHOLDER_IN_FLASH(device)                                                                                            \
  inline Result<kh_installation> begin(kh_##device &device, Bytes head, kh_instant now) noexcept {                            \
    Result<kh_installation> result;                                                                                           \
    result.status = kh_##device##_begin(&device, head.data(), head.size(), now, &result.answer);                              \
    return result;                                                                                                            \
  }                                                                                                                           \
  inline Result<kh_installation> append(kh_##device &device, Bytes bytes) noexcept {                                          \
    Result<kh_installation> result;                                                                                           \
    result.status = kh_##device##_append(&device, bytes.data(), bytes.size(), &result.answer);                                \
    return result;                                                                                                            \
  }                                                                                                                           \
  inline Result<kh_installation> finish(kh_##device &device, kh_instant now) noexcept {                                       \
    Result<kh_installation> result;                                                                                           \
    result.status = kh_##device##_finish(&device, now, &result.answer);                                                       \
    return result;                                                                                                            \
  }                                                                                                                           \
  inline Result<std::size_t> report(const kh_##device &device, const kh_due *dues, std::size_t count, kh_instant now,         \
                                    std::uint8_t *bytes, std::size_t capacity) noexcept {                                     \
    Result<std::size_t> result;                                                                                               \
    result.status = kh_##device##_report(&device, dues, count, now, bytes, capacity, &result.answer);                         \
    return result;                                                                                                            \
  }                                                                                                                           \
  inline Result<kh_instant> believed_time(const kh_##device &device, kh_instant now) noexcept {                               \
    Result<kh_instant> result;                                                                                                \
    result.status = kh_##device##_believed_time(&device, now, &result.answer);                                                \
    return result;                                                                                                            \
  }                                                                                                                           \
  inline Result<kh_damage> damage(const kh_##device &device) noexcept {                                                       \
    Result<kh_damage> result;                                                                                                 \
    result.status = kh_##device##_damage(&device, &result.answer);                                                            \
    return result;                                                                                                            \
  }
KEYHOLDER_IN_FLASH(panel)
KEYHOLDER_IN_FLASH(receiver)
#undef KEYHOLDER_IN_FLASH

/** What to tell the cloud about a blob; empty if it is still on its way. Of the installation that it is taken from. */
inline Bytes acknowledgement(const kh_installation &installation) noexcept {
  return {installation.acknowledgement, installation.acknowledgement_length};
}

/** The calls that both have. */
#define KEYHOLDER_OF_BOTH(name, request_type)                                                                     \
  inline Result<kh_decision> name(kh_panel &panel, const request_type &request, kh_instant now) noexcept {        \
    Result<kh_decision> result;                                                                                   \
    result.status = kh_panel_##name(&panel, &request, now, &result.answer);                                       \
    return result;                                                                                                \
  }                                                                                                               \
  inline Result<kh_decision> name(kh_receiver &receiver, const request_type &request, kh_instant now) noexcept {  \
    Result<kh_decision> result;                                                                                   \
    result.status = kh_receiver_##name(&receiver, &request, now, &result.answer);                                 \
    return result;                                                                                                \
  }
KEYHOLDER_OF_BOTH(engineer, kh_engineer_request)
KEYHOLDER_OF_BOTH(begin_session, kh_session_request)
KEYHOLDER_OF_BOTH(end_session, kh_session_request)
KEYHOLDER_OF_BOTH(update, kh_update_request)
#undef KEYHOLDER_OF_BOTH

inline Result<std::uint32_t> engineer_id(const kh_panel &panel, const kh_identity &identity) noexcept {
  Result<std::uint32_t> result;
  result.status = kh_panel_engineer_id(&panel, &identity, &result.answer);
  return result;
}
inline Result<std::uint32_t> engineer_id(const kh_receiver &receiver, const kh_identity &identity) noexcept {
  Result<std::uint32_t> result;
  result.status = kh_receiver_engineer_id(&receiver, &identity, &result.answer);
  return result;
}
inline Result<kh_provenance> provenance(const kh_panel &panel) noexcept {
  Result<kh_provenance> result;
  result.status = kh_panel_provenance(&panel, &result.answer);
  return result;
}
inline Result<kh_provenance> provenance(const kh_receiver &receiver) noexcept {
  Result<kh_provenance> result;
  result.status = kh_receiver_provenance(&receiver, &result.answer);
  return result;
}
inline Result<kh_area_list> areas(const kh_panel &panel) noexcept {
  Result<kh_area_list> result;
  result.status = kh_panel_areas(&panel, &result.answer);
  return result;
}
inline Result<kh_head> blob_head(Bytes blob) noexcept {
  Result<kh_head> result;
  result.status = kh_blob_head(blob.data(), blob.size(), &result.answer);
  return result;
}

inline Result<kh_date> date_of(std::uint16_t year, std::uint8_t month, std::uint8_t day) noexcept {
  Result<kh_date> result;
  result.status = kh_date_of(year, month, day, &result.answer);
  return result;
}
inline Result<kh_library> about() noexcept {
  Result<kh_library> result;
  result.status = kh_about(&result.answer);
  return result;
}

/** The names for logs; "" if there is none. */
inline const char *reason_name(kh_reason reason) noexcept {
  const char *name;
  (void)kh_reason_name(reason, &name);
  return name;
}
inline const char *event_name(kh_event event) noexcept {
  const char *name;
  (void)kh_event_name(event, &name);
  return name;
}
inline const char *status_name(kh_status status) noexcept {
  const char *name;
  (void)kh_status_name(status, &name);
  return name;
}
inline const char *part_name(kh_part part) noexcept {
  const char *name;
  (void)kh_part_name(part, &name);
  return name;
}
inline const char *fault_name(kh_fault fault) noexcept {
  const char *name;
  (void)kh_fault_name(fault, &name);
  return name;
}
inline const char *blob_kind_name(kh_blob_kind kind) noexcept {
  const char *name;
  (void)kh_blob_kind_name(kind, &name);
  return name;
}

}  // namespace keyholder

#endif
