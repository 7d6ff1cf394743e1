// The 128 bytes at the start of a SIF image. Pure; runs where header.h says.
#include "helper/sif/header.h"

#include "helper/sif/little_endian.h"
#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

Result<std::uint64_t> header_field(const RawHeader& raw, std::size_t offset, const char* name) {
  const auto value = load_le<std::int64_t>(raw, offset);
  if (value < 0) {
    return fail(Code::refused,
                "the header's " + std::string(name) + " is negative: " + std::to_string(value));
  }
  return static_cast<std::uint64_t>(value);
}

Status inside_file(Extent extent, std::uint64_t size, const char* name) {
  if (extent.offset > size || extent.size > size - extent.offset) {
    return fail(Code::refused,
                "the " + std::string(name) + " ends beyond the file: offset " +
                    std::to_string(extent.offset) + ", size " + std::to_string(extent.size) +
                    ", file size " + std::to_string(size),
                "it was cut short, or is damaged: copy it again from where it is whole");
  }
  return {};
}

Status check_magic(const RawHeader& raw) {
  const auto field = [&](std::size_t offset, std::size_t size) {
    return as_text(std::span(raw).subspan(offset, size));
  };
  if (field(kMagicOffset, kMagic.size()) != kMagic) {
    return tl::unexpected(
        name_file_kind(Error(Code::refused, "not a SIF image: the magic number is missing"),
                       as_text(raw), WantedFile::image));
  }
  const auto version = field(kVersionOffset, kVersion.size());
  if (version != kVersion) {
    return fail(Code::refused,
                "unknown SIF version '" + printable(version.substr(0, version.find('\0'))) + "'");
  }
  return {};
}

}  // namespace

Result<Header> decode_header(const RawHeader& raw, std::uint64_t file_size) {
  SG_CHECK(check_magic(raw));
  Header header;
  SG_TRY(header.descriptors_free,
         header_field(raw, kDescriptorsFreeOffset, "number of free descriptors"));
  SG_TRY(header.descriptors_total,
         header_field(raw, kDescriptorsTotalOffset, "number of descriptors"));
  SG_TRY(header.table.offset, header_field(raw, kTableOffsetOffset, "descriptor table offset"));
  SG_TRY(header.table.size, header_field(raw, kTableSizeOffset, "descriptor table size"));
  SG_TRY(header.data.offset, header_field(raw, kDataOffsetOffset, "data offset"));
  SG_TRY(header.data.size, header_field(raw, kDataSizeOffset, "data size"));
  if (header.descriptors_total > kMaxDescriptors) {
    return fail(Code::refused, "the image has " + std::to_string(header.descriptors_total) +
                                   " descriptors, more than the " +
                                   std::to_string(kMaxDescriptors) + " allowed");
  }
  // No reader goes by it: what is free is blank, which is checked row by row. So a writer that
  // miscounted is forgiven.
  if (header.descriptors_free > header.descriptors_total) {
    return fail(Code::refused, "the header counts " + std::to_string(header.descriptors_free) +
                                   " free descriptors of " +
                                   std::to_string(header.descriptors_total));
  }
  if (header.table.size != header.descriptors_total * kDescriptorSize) {
    return fail(Code::refused, "the descriptor table has " + std::to_string(header.table.size) +
                                   " bytes, not " + std::to_string(kDescriptorSize) +
                                   " for each of its " + std::to_string(header.descriptors_total) +
                                   " descriptors");
  }
  SG_CHECK(inside_file(header.table, file_size, "descriptor table"));
  SG_CHECK(inside_file(header.data, file_size, "data region"));
  return header;
}

}  // namespace sifguard::sif
