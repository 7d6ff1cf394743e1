// The files of a keystore as one sequence of bytes. Pure.
#include "keystore/store/archive.h"

#include <algorithm>

#include "keystore/base/bytes.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "SGARCH1\n";
constexpr std::size_t kMaxName = 512;
constexpr std::size_t kMaxComponent = 128;
constexpr std::size_t kMaxDepth = 4;

bool is_component(std::string_view text) noexcept {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= kMaxComponent && text.front() != '.' &&
         text.front() != '-' && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

bool is_mode(std::uint64_t mode) noexcept {
  return mode == 0600 || mode == 0644;
}

tl::unexpected<Error> refuse(std::string_view what, const std::string& why) {
  return fail(Code::refused, std::string(what) + " is malformed: " + why);
}

/// The first of sorted files that is not before `name`.
auto position(const std::vector<ArchiveFile>& files, std::string_view name) {
  return std::lower_bound(
      files.begin(), files.end(), name,
      [](const ArchiveFile& file, std::string_view wanted) { return file.name < wanted; });
}

/// What is wrong with the order of the names; empty if nothing.
std::string wrong_order(const std::vector<ArchiveFile>& files) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& name = files[i].name;
    if (files[i - 1].name >= name) {
      return "'" + printable(name, 100) + "' is repeated or out of order";
    }
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string_view above = std::string_view(name).substr(0, slash);
      const auto at = position(files, above);
      if (at != files.end() && at->name == above) {
        return "'" + printable(above, 100) + "' is a file and a directory";
      }
    }
  }
  return {};
}

Result<ArchiveFile> read_file(ByteReader& reader, std::string_view what) {
  ArchiveFile file;
  file.name = reader.raw(reader.be(2));
  const std::uint64_t mode = reader.be(2);
  const std::uint64_t size = reader.be(4);
  file.content = as_bytes(reader.raw(size));
  if (!reader.good()) return refuse(what, "it is truncated");
  if (!is_archive_name(file.name)) {
    return refuse(what, "'" + printable(file.name, 100) + "' is no name");
  }
  if (!is_mode(mode) || size > kMaxArchiveFile) {
    return refuse(what, "the mode or the size of '" + file.name + "' is out of range");
  }
  file.mode = static_cast<mode_t>(mode);
  return file;
}

Status check(const Archive& archive) {
  for (const ArchiveFile& file : archive.files) {
    if (!is_archive_name(file.name) || !is_mode(file.mode) ||
        file.content.size() > kMaxArchiveFile || archive.files.size() > kMaxArchiveFiles) {
      return fail(Code::internal, "an archive cannot hold the file '" + printable(file.name) + "'");
    }
  }
  const std::string wrong = wrong_order(archive.files);
  return wrong.empty() ? Status() : fail(Code::internal, "an archive cannot be made: " + wrong);
}

/// Hands the encoding on, piece by piece.
template <typename Take>
void write(const Archive& archive, const Take& take) {
  const auto number = [&](std::uint64_t value, std::size_t size) {
    ByteWriter writer;
    writer.be(value, size);
    take(as_bytes(writer.take()));
  };
  take(as_bytes(kMagic));
  number(static_cast<std::uint64_t>(archive.created), 8);
  number(archive.files.size(), 4);
  for (const ArchiveFile& file : archive.files) {
    number(file.name.size(), 2);
    take(as_bytes(file.name));
    number(file.mode, 2);
    number(file.content.size(), 4);
    take(file.content);
  }
}

std::size_t size_of(const Archive& archive) {
  std::size_t size = 0;
  write(archive, [&](std::span<const std::byte> bytes) { size += bytes.size(); });
  return size;
}

void write_to(const Archive& archive, std::span<std::byte> out) {
  write(archive, [&](std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), out.begin());
    out = out.subspan(bytes.size());
  });
}

}  // namespace

const ArchiveFile* Archive::find(std::string_view name) const noexcept {
  const auto at = position(files, name);
  return at == files.end() || at->name != name ? nullptr : &*at;
}

std::span<const std::byte> Archive::hold(std::vector<std::byte> bytes) {
  held.push_back(std::make_unique<const std::vector<std::byte>>(std::move(bytes)));
  return *held.back();
}

void Archive::sort() {
  std::sort(files.begin(), files.end(),
            [](const ArchiveFile& a, const ArchiveFile& b) { return a.name < b.name; });
}

bool is_archive_name(std::string_view name) noexcept {
  if (name.size() > kMaxName) return false;
  for (std::size_t depth = 1; depth <= kMaxDepth; ++depth) {
    const std::size_t slash = name.find('/');
    if (!is_component(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
  return false;
}

bool is_archive(std::span<const std::byte> bytes) noexcept {
  return as_text(bytes).starts_with(kMagic);
}

Result<std::vector<std::byte>> encode_archive(const Archive& archive) {
  SG_CHECK(check(archive));
  std::vector<std::byte> bytes(size_of(archive));
  write_to(archive, bytes);
  return bytes;
}

Result<SecretBytes> encode_secret_archive(const Archive& archive) {
  SG_CHECK(check(archive));
  SG_TRY(SecretBytes bytes, SecretBytes::allocate(size_of(archive)));
  write_to(archive, bytes.bytes());
  return bytes;
}

Result<Archive> decode_archive(std::span<const std::byte> bytes, std::string_view what) {
  ByteReader reader(as_text(bytes));
  if (reader.raw(kMagic.size()) != kMagic) return refuse(what, "it holds no keystore");
  Archive archive;
  archive.created = static_cast<std::int64_t>(reader.be(8));
  const std::uint64_t count = reader.be(4);
  if (!reader.good() || archive.created < 0 || count > kMaxArchiveFiles) {
    return refuse(what, "its head is out of range");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    SG_TRY(ArchiveFile file, read_file(reader, what));
    archive.files.push_back(std::move(file));
  }
  if (!reader.finished()) return refuse(what, "something follows its end");
  const std::string wrong = wrong_order(archive.files);
  if (!wrong.empty()) return refuse(what, wrong);
  return archive;
}

}  // namespace sifguard
