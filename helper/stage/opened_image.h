// The image as its owner opened it: a waiting opener process and what it reported. Root.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keystore/base/child.h"
#include "keystore/base/error.h"
#include "keystore/policy/image_name.h"

namespace sifguard {

/// The numbers by which a file is recognized as the same file as before, on a file system that
/// reports them truthfully. `filesystem_id` (f_fsid) distinguishes two file systems that had the
/// same device number one after the other; 0 is unknown. A mount id would not do, because every
/// task's namespace has mounts of its own.
struct FileIdentity {
  std::uint64_t filesystem = 0, filesystem_id = 0, device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
};

/// Whether the last change of the file is so long ago that any change from now on will be visible.
/// Within one tick of the clock a file could change twice and have the same times, so call this
/// before its bytes are read.
[[nodiscard]] bool is_settled(const FileIdentity& identity) noexcept;

/// CLOCK_BOOTTIME, for times that processes send to each other.
[[nodiscard]] std::int64_t boottime_ns() noexcept;

struct OpenOptions {
  std::string libexec_dir;                    ///< where sifguard-opener and sifguard-puller are
  std::vector<std::string> plain_registries;  ///< HOST[:PORT] that may be asked without TLS
  std::string library = std::string(kUsualLibrary);  ///< server for library:// URIs that name none
  Identity owner;                ///< the job's owner, with all supplementary groups
  std::int64_t deadline_ms = 0;  ///< monotonic_ms() scale; the opener is killed then
};

/// Keeps the opener process waiting until it is told to stream; the destructor kills it.
class OpenedImage {
 public:
  /// The name that was asked for.
  [[nodiscard]] const ImageName& asked_for() const noexcept { return asked_for_; }
  /// For a file, the path by which the kernel knows it; else the name that was asked for.
  [[nodiscard]] const ImageName& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& canonical_path() const noexcept { return name_.text(); }
  [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
  /// Whether it comes from a registry: canonical_path() is then its URI, and identity() identifies
  /// the URI, the content and the owner.
  [[nodiscard]] bool remote() const noexcept { return remote_; }
  /// For a remote image: SHA-256 of the content, as the registry says; or empty.
  [[nodiscard]] const std::string& promised_digest() const noexcept { return promised_; }
  /// For an image in a registry: the digest that its tag means, as ImageUri::reference; or empty.
  [[nodiscard]] const std::string& named_digest() const noexcept { return named_digest_; }
  /// Whether another tag or digest of its repository means the same image; nullopt where the
  /// registry does not say. Errors: Code::temporary past the deadline.
  [[nodiscard]] Result<std::optional<bool>> is_same_as(std::string_view reference);
  /// The tags of its repository; nullopt where the registry does not list them. Errors: the same.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> tags();
  /// When the file had been opened, boottime_ns().
  [[nodiscard]] std::int64_t opened_ns() const noexcept { return opened_ns_; }
  [[nodiscard]] std::int64_t deadline_ms() const noexcept { return deadline_ms_; }
  /// Sets a new deadline for the copy, which may have had to wait for another copy.
  void set_deadline(std::int64_t deadline_ms) noexcept { deadline_ms_ = deadline_ms; }

  /// Asks for the bytes. Read them from data_fd() to its end, then call finish(). Call once.
  Status start_stream();
  [[nodiscard]] int data_fd() const noexcept { return data_.get(); }
  /// Code::no_input when the opener did not read the file to its end.
  Status finish();

 private:
  friend class OpeningImage;
  OpenedImage(const ImageName& name, Child child, UniqueFd control, UniqueFd data)
      : child_(std::move(child)),
        control_(std::move(control)),
        data_(std::move(data)),
        asked_for_(name),
        name_(name) {}
  Status ask(std::uint8_t what, std::string_view reference);
  Child child_;
  UniqueFd control_;
  UniqueFd data_;
  ImageName asked_for_, name_;
  FileIdentity identity_;
  std::int64_t deadline_ms_ = 0, opened_ns_ = 0;
  bool remote_ = false;
  std::string promised_, named_digest_;
};

/// An image that its owner is opening. Meanwhile the caller can read other things that a launch
/// needs.
class OpeningImage {
 public:
  /// Starts the opener as `options.owner` and has it open `image`, relative to `directory`; or, for
  /// a URI, the puller. Errors: Code::usage as ImageName::of(), those of start_child().
  [[nodiscard]] static Result<OpeningImage> start(const std::string& image,
                                                  const std::string& directory,
                                                  const OpenOptions& options);
  /// Waits for it. Errors: those of open_image().
  [[nodiscard]] Result<OpenedImage> opened() &&;

 private:
  OpeningImage(OpenedImage opened, std::string image, std::string directory, uid_t owner)
      : opened_(std::move(opened)),
        image_(std::move(image)),
        directory_(std::move(directory)),
        owner_(owner) {}
  OpenedImage opened_;
  std::string image_, directory_;
  uid_t owner_;
};

/// start() and opened() in one call. Errors: Code::usage as ImageName::of(); Code::no_input
/// (missing, unreadable, not a regular file, empty), each naming the image; Code::temporary past
/// the deadline.
[[nodiscard]] Result<OpenedImage> open_image(const std::string& image, const std::string& directory,
                                             const OpenOptions& options);

}  // namespace sifguard
