// Changing a SIF image in place. The caller's rights.
#include "helper/sif/edit.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "helper/sif/little_endian.h"
#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/lack.h"

namespace sifguard::sif {
namespace {

/// time.Time{}.Unix() of Go: what deterministic images have for "no time".
constexpr std::int64_t kGoZeroTime = -62135596800;

Status write_at(int fd, std::span<const std::byte> data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t done = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      return fail_errno(Code::cannot_write, "cannot write the changed image", errno,
                        remedy_for_room(errno));
    }
    data = data.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

Status write_zeros(int fd, std::uint64_t offset, std::uint64_t size) {
  const std::vector<std::byte> zeros(std::min<std::uint64_t>(size, 65536));
  while (size > 0) {
    const auto part = std::span(zeros).first(std::min<std::uint64_t>(size, zeros.size()));
    SG_CHECK(write_at(fd, part, offset));
    offset += part.size();
    size -= part.size();
  }
  return {};
}

/// Images without id and times stay so.
std::int64_t time_for(const RawHeader& header, std::int64_t now) {
  const auto uuid = std::span(header).subspan(kUuidOffset, kUuidSize);
  const bool deterministic =
      std::all_of(uuid.begin(), uuid.end(), [](std::byte b) { return b == std::byte{}; }) &&
      load_le<std::int64_t>(header, kHeaderCreatedOffset) == kGoZeroTime &&
      load_le<std::int64_t>(header, kHeaderModifiedOffset) == kGoZeroTime;
  return deterministic ? kGoZeroTime : now;
}

/// An image that is being changed: what was read of it, and where things are.
class Edit {
 public:
  static Result<Edit> begin(int fd, std::int64_t now) {
    SG_TRY(Image image, read_image(fd));
    const std::int64_t time = time_for(image.header, now);
    std::vector<std::byte> table(load_le<std::uint64_t>(image.header, kTableSizeOffset));
    SG_CHECK(pread_exact(fd, table, load_le<std::uint64_t>(image.header, kTableOffsetOffset),
                         "the descriptor table"));
    return Edit(fd, std::move(image), std::move(table), time);
  }

  [[nodiscard]] const Image& image() const noexcept { return image_; }
  [[nodiscard]] std::int64_t time() const noexcept { return time_; }

  [[nodiscard]] std::size_t slots() const noexcept { return table_.size() / kDescriptorSize; }
  [[nodiscard]] std::span<std::byte> slot(std::size_t number) noexcept {
    return std::span(table_).subspan(number * kDescriptorSize, kDescriptorSize);
  }
  [[nodiscard]] bool used(std::size_t number) noexcept {
    return slot(number)[kUsedOffset] != std::byte{};
  }
  /// The slot of an object; slots() when there is none.
  [[nodiscard]] std::size_t slot_of(std::uint32_t id) noexcept {
    std::size_t number = 0;
    while (number < slots() &&
           (!used(number) || load_le<std::uint32_t>(slot(number), kIdOffset) != id)) {
      ++number;
    }
    return number;
  }
  Status write_slot(std::size_t number) {
    return write_at(fd_, slot(number), header(kTableOffsetOffset) + number * kDescriptorSize);
  }

  /// Where the last object ends that `left_out` does not name: new data goes there.
  [[nodiscard]] std::uint64_t end_of_data(std::span<const std::uint32_t> left_out = {}) const {
    std::uint64_t end = header(kDataOffsetOffset);
    for (const Descriptor& object : image_.objects) {
      const bool out = contains(left_out, object.id);
      if (!out) end = std::max(end, object.offset + object.size);
    }
    return end;
  }

  /// The header counts what is free now and has data up to `end`; the file ends there.
  Status finish(std::uint64_t end) {
    RawHeader raw = image_.header;
    std::uint64_t free = 0;
    for (std::size_t number = 0; number < slots(); ++number) free += used(number) ? 0U : 1U;
    store_le<std::uint64_t>(raw, kDescriptorsFreeOffset, free);
    store_le<std::uint64_t>(raw, kDataSizeOffset, end - header(kDataOffsetOffset));
    store_le<std::int64_t>(raw, kHeaderModifiedOffset, time_);
    SG_CHECK(end_at(static_cast<off_t>(end)));
    return write_at(fd_, raw, 0);
  }

 private:
  /// Some drivers of FAT cannot shorten a file; most often it ends there already.
  Status end_at(off_t end) {
    struct stat st {};
    if (::fstat(fd_, &st) == 0 && st.st_size == end) return {};
    if (::ftruncate(fd_, end) == 0) return {};
    return fail_errno(Code::cannot_write, "cannot shorten the changed image", errno,
                      "sign it on another file system");
  }

  Edit(int fd, Image image, std::vector<std::byte> table, std::int64_t time)
      : fd_(fd), image_(std::move(image)), table_(std::move(table)), time_(time) {}
  /// A field that read_image() has found to be sound.
  [[nodiscard]] std::uint64_t header(std::size_t offset) const {
    return load_le<std::uint64_t>(image_.header, offset);
  }

  int fd_;
  Image image_;
  std::vector<std::byte> table_;
  std::int64_t time_;
};

const Descriptor* find_object(const Image& image, std::uint32_t id) {
  const auto found = std::find_if(image.objects.begin(), image.objects.end(),
                                  [id](const Descriptor& object) { return object.id == id; });
  return found == image.objects.end() ? nullptr : &*found;
}

/// As sylabs/sif numbers objects, unless the image numbers its own otherwise.
std::uint32_t new_id(const Image& image, std::size_t slot) {
  const auto usual = static_cast<std::uint32_t>(slot) + 1;
  if (find_object(image, usual) == nullptr) return usual;
  std::uint32_t highest = 0;
  for (const Descriptor& object : image.objects) highest = std::max(highest, object.id);
  return highest + 1;
}

bool has_group(const Image& image, std::uint32_t group) {
  return std::any_of(image.objects.begin(), image.objects.end(),
                     [group](const Descriptor& object) { return object.group == group; });
}

}  // namespace

Result<std::uint32_t> add_signature(int fd, const NewSignature& signature, std::int64_t now) {
  SG_TRY(Edit edit, Edit::begin(fd, now));
  if (signature.group == 0 || !has_group(edit.image(), signature.group)) {
    return fail(Code::refused, "the image has no group " + std::to_string(signature.group));
  }
  std::size_t slot = 0;
  while (slot < edit.slots() && edit.used(slot)) ++slot;
  if (slot == edit.slots()) {
    return fail(Code::refused,
                "all " + std::to_string(slot) + " descriptors of the image are in use",
                "remove an object, or build the image with a larger table");
  }
  const std::uint32_t id = new_id(edit.image(), slot);
  if ((id & kGroupMask) != 0) return fail(Code::refused, "the image has no object id left");
  const std::uint64_t offset = edit.end_of_data();
  const std::uint64_t size = signature.data.size();

  const std::span<std::byte> raw = edit.slot(slot);
  store_le(raw, kTypeOffset, static_cast<std::uint32_t>(DataType::signature));
  store_le<std::uint8_t>(raw, kUsedOffset, 1);
  store_le(raw, kIdOffset, id);
  store_le(raw, kGroupOffset, kGroupMask);
  store_le(raw, kLinkOffset, kGroupMask | signature.group);
  store_le(raw, kObjectOffsetOffset, offset);
  store_le(raw, kObjectSizeOffset, size);
  store_le(raw, kPaddedSizeOffset, size);
  store_le(raw, kCreatedOffset, edit.time());
  store_le(raw, kModifiedOffset, edit.time());
  const std::span<std::byte> extra = raw.subspan(kExtraOffset, kExtraSize);
  store_le(extra, 0, static_cast<std::int32_t>(signature.hash));
  std::copy(signature.fingerprint.begin(), signature.fingerprint.end(),
            extra.begin() + kEntityOffset);

  SG_CHECK(write_at(fd, as_bytes(signature.data), offset));
  SG_CHECK(edit.write_slot(slot));
  SG_CHECK(edit.finish(offset + size));
  return id;
}

Status remove_signatures(int fd, std::span<const std::uint32_t> ids, std::int64_t now) {
  SG_TRY(Edit edit, Edit::begin(fd, now));
  for (const std::uint32_t id : ids) {
    const Descriptor* const object = find_object(edit.image(), id);
    if (object == nullptr)
      return fail(Code::refused, "the image has no object " + std::to_string(id));
    if (object->type != DataType::signature) {
      return fail(Code::refused, object->shown() + " is no signature");
    }
    const std::size_t slot = edit.slot_of(id);
    if (slot == edit.slots()) continue;  // named twice
    SG_CHECK(write_zeros(fd, object->offset, object->size));
    std::fill(edit.slot(slot).begin(), edit.slot(slot).end(), std::byte{});
    SG_CHECK(edit.write_slot(slot));
  }
  return edit.finish(edit.end_of_data(ids));
}

Status replace_message(int fd, std::string_view message, std::int64_t now) {
  SG_TRY(Edit edit, Edit::begin(fd, now));
  if (!edit.image().crypto_message)
    return fail(Code::refused, "the image is not encrypted for a key");
  if (message.empty() || message.size() > kMaxCryptoMessageSize) {
    return fail(Code::refused, "a cryptographic message has 1 to " +
                                   std::to_string(kMaxCryptoMessageSize) + " bytes, not " +
                                   std::to_string(message.size()));
  }
  const Descriptor& object = edit.image().objects[*edit.image().crypto_message];
  const std::size_t slot = edit.slot_of(object.id);
  const std::span<std::byte> raw = edit.slot(slot);
  std::string content(message);
  std::uint64_t offset = object.offset;
  std::uint64_t end = edit.end_of_data();
  if (content.size() <= object.size) {
    content.append(object.size - content.size(), '\n');
  } else {
    SG_CHECK(write_zeros(fd, object.offset, object.size));
    const std::uint32_t moved = object.id;
    offset = edit.end_of_data(std::span(&moved, 1));
    end = offset + content.size();
    store_le(raw, kObjectOffsetOffset, offset);
    store_le(raw, kObjectSizeOffset, static_cast<std::uint64_t>(content.size()));
    store_le(raw, kPaddedSizeOffset, static_cast<std::uint64_t>(content.size()));
  }
  store_le(raw, kModifiedOffset, edit.time());
  SG_CHECK(write_at(fd, as_bytes(content), offset));
  SG_CHECK(edit.write_slot(slot));
  return edit.finish(end);
}

}  // namespace sifguard::sif
