// Writes a request into a buffer of the caller. slurmstepd, root; needs libc only and allocates
// nothing.
//
//   RequestWriter writer(buffer);
//   writer.number(wire::kTagUid, uid);  …
//   std::size_t size = writer.finish();  // 0 when anything did not fit
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "helper/request/request_wire.h"

namespace sifguard {

class RequestWriter {
 public:
  explicit RequestWriter(std::span<char> buffer) noexcept : buffer_(buffer) {
    const wire::Header header{wire::kRequestMagic, wire::kVersion, 0};
    append(&header, sizeof header);
  }

  void number(wire::Tag tag, std::uint32_t value) noexcept { record(tag, &value, sizeof value); }

  void text(wire::Tag tag, std::string_view value) noexcept {
    if (value.size() > wire::kMaxString) fits_ = false;
    record(tag, value.data(), value.size());
  }

  void numbers(wire::Tag tag, std::span<const std::uint32_t> values) noexcept {
    record(tag, values.data(), values.size_bytes());
  }

  /// Completes the header; the message's size, or 0 when a cap or the buffer was exceeded.
  [[nodiscard]] std::size_t finish() noexcept {
    if (!fits_ || size_ > wire::kMaxMessage) return 0;
    const wire::Header header{wire::kRequestMagic, wire::kVersion,
                              static_cast<std::uint32_t>(size_)};
    std::memcpy(buffer_.data(), &header, sizeof header);
    return size_;
  }

 private:
  void record(wire::Tag tag, const void* data, std::size_t size) noexcept {
    if (size > wire::kMaxMessage) {
      fits_ = false;
      return;
    }
    const wire::RecordHeader header{tag, static_cast<std::uint32_t>(size)};
    append(&header, sizeof header);
    append(data, size);
  }

  void append(const void* data, std::size_t size) noexcept {
    if (!fits_ || size > buffer_.size() - size_) {
      fits_ = false;
      return;
    }
    if (size != 0) std::memcpy(buffer_.data() + size_, data, size);
    size_ += size;
  }

  std::span<char> buffer_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

}  // namespace sifguard
