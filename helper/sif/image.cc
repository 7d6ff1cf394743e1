// Reading the structure of a SIF image from hostile bytes. Runs where image.h says.
#include "helper/sif/image.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "helper/sif/descriptor.h"
#include "helper/sif/header.h"
#include "helper/sif/structure.h"
#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

Result<std::uint64_t> file_size(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno(Code::no_input, "cannot examine the image", errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::no_input, "the image is not a regular file");
  return static_cast<std::uint64_t>(st.st_size);
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

/// What it is instead may be known: a Git LFS pointer is as small.
tl::unexpected<Error> no_image(int fd, std::uint64_t size, Error error) {
  constexpr std::uint64_t kLooked = 1024;
  std::string content(static_cast<std::size_t>(std::min(size, kLooked)), '\0');
  if (!pread_exact(fd, std::as_writable_bytes(std::span(content)), 0, "the file")) {
    return tl::unexpected(std::move(error));
  }
  return tl::unexpected(name_file_kind(std::move(error), content, WantedFile::image));
}

}  // namespace

Result<Image> read_image(int fd) {
  Image image;
  SG_TRY(image.file_size, file_size(fd));
  if (image.file_size < kHeaderSize) {
    const std::string bytes = std::to_string(image.file_size) + " bytes";
    return no_image(fd, image.file_size,
                    {Code::refused, "not a SIF image: the file has only " + bytes});
  }
  SG_CHECK(pread_exact(fd, image.header, 0, "the header"));
  const auto header = decode_header(image.header, image.file_size);
  if (!header) return no_image(fd, image.file_size, header.error());
  SG_CHECK(read_table(fd, *header, image));
  SG_CHECK(check_structure(image, header->table));
  SG_CHECK(check_data_region(image, header->data));
  SG_CHECK(check_partition_reach(fd, image));
  return image;
}

}  // namespace sifguard::sif
