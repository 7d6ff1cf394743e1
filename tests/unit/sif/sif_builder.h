// Makes SIF images in memory, good ones and ones that break a single rule. Tests only; shares
// nothing with the reader but the numbers of the format, which are written out here once more.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard::test {

inline constexpr std::size_t kTable = 4096;
inline constexpr std::size_t kRow = 585;

/// Overwrites a little-endian number at `offset`.
template <typename T>
void poke(std::string& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);  // the test machine is little-endian
}
template <typename T>
T peek(const std::string& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Where field `offset` of descriptor slot `slot` lies in an image of the builder.
inline std::size_t at(std::size_t slot, std::size_t offset) {
  return kTable + slot * kRow + offset;
}

struct ObjectSpec {
  std::uint32_t type = 0x4007;
  std::string data = "data";
  std::uint32_t group = 1;  ///< 0 = none
  std::uint32_t link = 0;   ///< as stored
  std::string name;
  std::string extra;
  std::uint32_t id = 0;  ///< 0 = the next free one
};

inline std::string le32(std::uint32_t value) {
  std::string text(4, '\0');
  poke(text, 0, value);
  return text;
}

inline ObjectSpec partition_of(std::uint32_t fstype, std::uint32_t type, std::string data,
                               const std::string& arch = "02") {
  ObjectSpec object;
  object.type = 0x4004;
  object.data = std::move(data);
  object.name = "root.part";
  object.extra = le32(fstype) + le32(type) + arch;
  return object;
}

/// `data` with the start of a squashfs superblock that claims `used` bytes.
inline std::string squashfs(std::uint64_t used = 4096, std::size_t size = 4096) {
  std::string data(size, 's');
  data.replace(0, 4, "hsqs");
  poke(data, 40, used);
  return data;
}

inline ObjectSpec signature_of(std::string data, std::uint32_t group = 1) {
  ObjectSpec object;
  object.type = 0x4005;
  object.data = std::move(data);
  object.group = 0;
  object.link = 0xf0000000U | group;
  object.extra = le32(1);
  object.extra.append(20, '\x42');
  return object;
}

inline ObjectSpec message_of(std::uint32_t linked, std::uint32_t format = 2,
                             std::uint32_t kind = 0x200) {
  ObjectSpec object;
  object.type = 0x4008;
  object.data = "-----BEGIN MESSAGE-----\nAAAA\n-----END MESSAGE-----\n";
  object.link = linked;
  object.extra = le32(format) + le32(kind);
  return object;
}

class SifBuilder {
 public:
  std::string launch = "#!/usr/bin/env run-singularity\n";
  std::string arch = "02";
  std::string uuid = "0123456789abcdef";
  std::size_t rows = 8;

  SifBuilder& add(ObjectSpec object) {
    objects_.push_back(std::move(object));
    return *this;
  }

  [[nodiscard]] std::string build() const {
    std::string out(kTable + rows * kRow, '\0');
    out.replace(0, launch.size(), launch);
    out.replace(32, 9, "SIF_MAGIC");
    out.replace(42, 2, "01");
    out.replace(45, 2, arch);
    out.replace(48, 16, uuid);
    const std::size_t data_start = out.size();
    for (std::size_t slot = 0; slot < objects_.size(); ++slot) {
      const ObjectSpec& object = objects_[slot];
      out.resize((out.size() + 15) / 16 * 16, '\0');
      poke<std::uint32_t>(out, at(slot, 0), object.type);
      poke<std::uint8_t>(out, at(slot, 4), 1);
      poke<std::uint32_t>(out, at(slot, 5),
                          object.id != 0 ? object.id : static_cast<std::uint32_t>(slot) + 1);
      poke<std::uint32_t>(out, at(slot, 9), 0xf0000000U | object.group);
      poke<std::uint32_t>(out, at(slot, 13), object.link);
      poke<std::uint64_t>(out, at(slot, 17), out.size());
      poke<std::uint64_t>(out, at(slot, 25), object.data.size());
      poke<std::uint64_t>(out, at(slot, 33), object.data.size());
      poke<std::uint64_t>(out, at(slot, 41), 1700000000);
      out.replace(at(slot, 73), object.name.size(), object.name);
      out.replace(at(slot, 201), object.extra.size(), object.extra);
      out += object.data;
    }
    poke<std::uint64_t>(out, 80, rows - objects_.size());
    poke<std::uint64_t>(out, 88, rows);
    poke<std::uint64_t>(out, 96, kTable);
    poke<std::uint64_t>(out, 104, rows * kRow);
    poke<std::uint64_t>(out, 112, data_start);
    poke<std::uint64_t>(out, 120, out.size() - data_start);
    return out;
  }

 private:
  std::vector<ObjectSpec> objects_;
};

/// A definition file and a squashfs primary partition, both in group 1.
inline SifBuilder plain_image() {
  ObjectSpec definition;
  definition.type = 0x4001;
  definition.data = "bootstrap: docker\n";
  definition.name = "Singularity.def";
  SifBuilder builder;
  builder.add(definition).add(partition_of(1, 2, squashfs()));
  return builder;
}

/// The same with a gocryptfs partition and its message.
inline SifBuilder encrypted_image() {
  SifBuilder builder;
  builder.add(partition_of(6, 2, squashfs())).add(message_of(1));
  return builder;
}

/// `bytes` as an open regular file.
inline UniqueFd file_of(std::string_view bytes) {
  UniqueFd fd(::memfd_create("image", MFD_CLOEXEC));
  if (!write_all(fd.get(), bytes, "test image")) return {};
  return fd;
}

/// A vector image's bytes; empty when the vectors are absent.
inline std::string vector_image(const std::string& name) {
  std::ifstream file(std::string(SIFGUARD_VECTORS) + "/images/" + name + ".sif", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sifguard::test

#define SG_NEED_VECTOR(bytes)                                                         \
  do {                                                                                \
    if ((bytes).empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS; \
  } while (false)
