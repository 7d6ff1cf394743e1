// The files of a keystore as one sequence of bytes. Pure.
#include "keystore/backup/archive.h"

#include <algorithm>

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

class Writer {
 public:
  void text(std::string_view characters) { bytes(as_bytes(characters)); }
  void bytes(std::span<const std::byte> some) { out.insert(out.end(), some.begin(), some.end()); }
  void number(std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::byte>(value >> static_cast<unsigned>(shift)));
    }
  }
  std::vector<std::byte> out;
};

/// Takes from the front; once something was missing, everything is empty and zero.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  std::span<const std::byte> bytes(std::uint64_t size) {
    if (size > left_.size()) {
      short_ = true;
      left_ = {};
      return {};
    }
    const auto taken = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::byte each : bytes(size)) value = value << 8U | std::to_integer<unsigned>(each);
    return value;
  }
  [[nodiscard]] bool is_short() const noexcept { return short_; }
  [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }

 private:
  std::span<const std::byte> left_;
  bool short_ = false;
};

tl::unexpected<Error> refuse(const std::string& what) {
  return fail(Code::refused, "the backup is malformed: " + what);
}

/// The first of sorted files that is not before `name`.
auto position(const std::vector<ArchiveFile>& files, std::string_view name) {
  return std::lower_bound(
      files.begin(), files.end(), name,
      [](const ArchiveFile& file, std::string_view wanted) { return file.name < wanted; });
}

Status check_names(const std::vector<ArchiveFile>& files) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& name = files[i].name;
    if (files[i - 1].name >= name) {
      return refuse("'" + printable(name, 100) + "' is repeated or out of order");
    }
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string_view above = std::string_view(name).substr(0, slash);
      const auto at = position(files, above);
      if (at != files.end() && at->name == above) {
        return refuse("'" + printable(above, 100) + "' is a file and a directory");
      }
    }
  }
  return {};
}

Result<ArchiveFile> read_file(Reader& reader) {
  ArchiveFile file;
  const auto name = reader.bytes(reader.number(2));
  file.name = as_text(name);
  const std::uint64_t mode = reader.number(2);
  const std::uint64_t size = reader.number(4);
  const auto content = reader.bytes(size);
  if (reader.is_short()) return refuse("it is truncated");
  if (!is_archive_name(file.name)) return refuse("'" + printable(file.name, 100) + "' is no name");
  if (!is_mode(mode) || size > kMaxArchiveFile) {
    return refuse("the mode or the size of '" + file.name + "' is out of range");
  }
  file.mode = static_cast<mode_t>(mode);
  file.content.assign(content.begin(), content.end());
  return file;
}

}  // namespace

const ArchiveFile* Archive::find(std::string_view name) const noexcept {
  const auto at = position(files, name);
  return at == files.end() || at->name != name ? nullptr : &*at;
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

Result<std::vector<std::byte>> encode_archive(const Archive& archive) {
  Writer writer;
  writer.text(kMagic);
  writer.number(static_cast<std::uint64_t>(archive.created), 8);
  writer.number(archive.files.size(), 4);
  for (const ArchiveFile& file : archive.files) {
    if (!is_archive_name(file.name) || !is_mode(file.mode) ||
        file.content.size() > kMaxArchiveFile || archive.files.size() > kMaxArchiveFiles) {
      return fail(Code::internal, "a backup cannot hold the file '" + printable(file.name) + "'");
    }
    writer.number(file.name.size(), 2);
    writer.text(file.name);
    writer.number(file.mode, 2);
    writer.number(file.content.size(), 4);
    writer.bytes(file.content);
  }
  if (const auto names = check_names(archive.files); !names) {
    return fail(Code::internal, names.error().what());
  }
  return std::move(writer.out);
}

Result<Archive> decode_archive(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  if (as_text(reader.bytes(kMagic.size())) != kMagic) return refuse("it holds no keystore");
  Archive archive;
  archive.created = static_cast<std::int64_t>(reader.number(8));
  const std::uint64_t count = reader.number(4);
  if (reader.is_short() || archive.created < 0 || count > kMaxArchiveFiles) {
    return refuse("its head is out of range");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    SG_TRY(ArchiveFile file, read_file(reader));
    archive.files.push_back(std::move(file));
  }
  if (reader.left() != 0) return refuse("something follows its end");
  SG_CHECK(check_names(archive.files));
  return archive;
}

}  // namespace sifguard
