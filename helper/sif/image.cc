// Reading the structure of a SIF image from hostile bytes. Runs where image.h says.
#include "helper/sif/image.h"

#include <sys/stat.h>

#include <cerrno>

#include "helper/sif/descriptor.h"
#include "helper/sif/little_endian.h"
#include "helper/sif/structure.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

struct Header {
  std::uint64_t descriptors_free = 0;
  std::uint64_t descriptors_total = 0;
  Extent table;
  Extent data;
};

Result<std::uint64_t> file_size(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::no_input, "cannot examine the image", errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, "the image is not a regular file");
  return static_cast<std::uint64_t>(st.st_size);
}

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
    return fail(Code::refused, "the " + std::string(name) + " ends beyond the file: offset " +
                                   std::to_string(extent.offset) + ", size " +
                                   std::to_string(extent.size) + ", file size " +
                                   std::to_string(size));
  }
  return {};
}

Status check_magic(const RawHeader& raw) {
  const auto field = [&](std::size_t offset, std::size_t size) {
    return as_text(std::span(raw).subspan(offset, size));
  };
  if (field(kMagicOffset, kMagic.size()) != kMagic) {
    return fail(Code::refused, "not a SIF image: the magic number is missing");
  }
  const auto version = field(kVersionOffset, kVersion.size());
  if (version != kVersion) {
    return fail(Code::refused,
                "unknown SIF version '" + printable(version.substr(0, version.find('\0'))) + "'");
  }
  return {};
}

Result<Header> decode_header(const RawHeader& raw, std::uint64_t size) {
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
  SG_CHECK(inside_file(header.table, size, "descriptor table"));
  SG_CHECK(inside_file(header.data, size, "data region"));
  return header;
}

Status read_table(int fd, const Header& header, Image& image) {
  RawDescriptor raw{};
  for (std::size_t slot = 0; slot < header.descriptors_total; ++slot) {
    SG_CHECK(
        pread_exact(fd, raw, header.table.offset + slot * kDescriptorSize, "the descriptor table"));
    SG_TRY(auto object, decode_descriptor(raw, slot, image.file_size));
    if (object) image.objects.push_back(*std::move(object));
  }
  return {};
}

Status check_data_region(const Image& image, Extent data) {
  for (const Descriptor& object : image.objects) {
    if (object.offset < data.offset || object.offset + object.size > data.offset + data.size) {
      return fail(Code::refused, object.shown() + " at offset " + std::to_string(object.offset) +
                                     " lies outside the data region of the header");
    }
  }
  return {};
}

}  // namespace

Result<Image> read_image(int fd) {
  Image image;
  SG_TRY(image.file_size, file_size(fd));
  if (image.file_size < kHeaderSize) {
    return fail(Code::refused,
                "not a SIF image: the file has only " + std::to_string(image.file_size) + " bytes");
  }
  SG_CHECK(pread_exact(fd, image.header, 0, "the header"));
  SG_TRY(const Header header, decode_header(image.header, image.file_size));
  SG_CHECK(read_table(fd, header, image));
  SG_CHECK(check_structure(image, header.table));
  SG_CHECK(check_data_region(image, header.data));
  SG_CHECK(check_partition_reach(fd, image));
  return image;
}

}  // namespace sifguard::sif
