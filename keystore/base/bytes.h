// Writes binary formats and reads them strictly: the only bounded reader of sifguard. Any process,
// any privilege; not for secrets. The plugin, which links the C library alone, has its own
// (helper/request).
//
// The records between root and its sandboxed children have little-endian numbers and byte strings
// with a u32 length; files of the keystore have big-endian numbers (be()) and raw bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sifguard {

class ByteWriter {
 public:
  void u8(std::uint8_t value) { number(value, 1); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value), 8); }
  void bytes(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    data_.append(value);
  }
  void raw(std::string_view value) { data_.append(value); }
  /// The last `size` bytes of a number, at most 8, the highest first.
  void be(std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- > 0;)
      data_.push_back(static_cast<char>(value >> 8U * i & 0xffU));
  }
  [[nodiscard]] std::string take() { return std::move(data_); }

 private:
  void number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i, value >>= 8U) data_.push_back(static_cast<char>(value & 0xffU));
  }
  std::string data_;
};

/// After the first violation every read returns zero or nothing and good() stays false, so callers
/// check once, before they use anything; loops are bounded by count().
class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : rest_(data) {}
  [[nodiscard]] bool good() const noexcept { return good_; }
  /// Good, and all bytes have been read.
  [[nodiscard]] bool finished() const noexcept { return good_ && rest_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  void reject() noexcept {
    good_ = false;
    rest_ = {};
  }

  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  [[nodiscard]] std::uint64_t u64() { return number(8); }
  [[nodiscard]] std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  /// A number of `size` bytes, at most 8, the highest first.
  [[nodiscard]] std::uint64_t be(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : raw(size)) value = value << 8U | static_cast<unsigned char>(c);
    return value;
  }
  /// A number of at most `limit`, else a violation and 0.
  [[nodiscard]] std::uint32_t count(std::uint32_t limit) {
    const std::uint32_t value = u32();
    if (value <= limit) return value;
    reject();
    return 0;
  }
  /// 0 or 1, anything else is a violation.
  [[nodiscard]] bool boolean() {
    const std::uint8_t value = u8();
    if (value > 1) reject();
    return value == 1;
  }
  [[nodiscard]] std::string_view bytes(std::uint32_t limit) { return raw(count(limit)); }
  [[nodiscard]] std::string_view raw(std::size_t size) {
    if (size > rest_.size()) reject();
    if (!good_) return {};
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

 private:
  std::uint64_t number(std::size_t size) {
    const std::string_view digits = raw(size);
    std::uint64_t value = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(digits[i]);
    }
    return value;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace sifguard
