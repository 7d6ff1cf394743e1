// A source in memory, for tests and fuzz targets.
#pragma once

#include <algorithm>
#include <string>

#include "helper/imagefs/block_source.h"
#include "keystore/base/fd.h"

namespace sifguard::test {

class MemorySource : public BlockSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return bytes_.size(); }
  [[nodiscard]] std::string& bytes() noexcept { return bytes_; }
  void flip(std::size_t bit) {
    bytes_[bit / 8] = static_cast<char>(bytes_[bit / 8] ^ 1 << bit % 8);
  }

 private:
  Status read_within(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::copy(as_bytes(bytes_).subspan(offset, out.size()), out.begin());
    return {};
  }
  std::string bytes_;
};

/// `size` bytes from `offset` on, or what went wrong.
inline std::string read_text(const BlockSource& source, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  const Status read = source.read(offset, std::as_writable_bytes(std::span(text)));
  return read ? text : "ERROR: " + read.error().line();
}

inline std::string read_all(const BlockSource& source) {
  return read_text(source, 0, source.size());
}

}  // namespace sifguard::test
