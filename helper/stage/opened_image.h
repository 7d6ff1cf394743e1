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

/// What makes a file "the same file as last time" on a filesystem that cannot lie about it.
/// `filesystem_id` (f_fsid) tells two filesystems apart that had the same device number one after
/// the other; 0 is unknown. A mount id would not do: every task's namespace has mounts of its own.
struct FileIdentity {
  std::uint64_t filesystem = 0, filesystem_id = 0, device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
};

/// Whether the file has been left alone for so long that a change from now on will show. Within one
/// tick of the clock it could change twice and have the same times: ask before its bytes are read.
[[nodiscard]] bool is_settled(const FileIdentity& identity) noexcept;

/// CLOCK_BOOTTIME, for what processes tell each other.
[[nodiscard]] std::int64_t boottime_ns() noexcept;

struct OpenOptions {
  std::string libexec_dir;                    ///< where sifguard-opener and sifguard-puller are
  std::vector<std::string> plain_registries;  ///< HOST[:PORT] that may be asked without TLS
  std::string library = std::string(kUsualLibrary);  ///< of library:// URIs that name none
  Identity owner;                ///< the job's owner, with all supplementary groups
  std::int64_t deadline_ms = 0;  ///< monotonic_ms() scale; the opener is killed then
};

/// Holds the opener until it is told to stream or is destroyed (and then killed).
class OpenedImage {
 public:
  /// What was asked for.
  [[nodiscard]] const ImageName& asked_for() const noexcept { return asked_for_; }
  /// Of a file the path by which the kernel knows it; else what was asked for.
  [[nodiscard]] const ImageName& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& canonical_path() const noexcept { return name_.text(); }
  [[nodiscard]] const FileIdentity& identity() const noexcept { return identity_; }
  /// It comes from a registry: canonical_path() is its URI, and identity() stands for that, its
  /// content and the owner.
  [[nodiscard]] bool remote() const noexcept { return remote_; }
  /// Of a remote one: SHA-256 of the content, as the registry says; or empty.
  [[nodiscard]] const std::string& promised_digest() const noexcept { return promised_; }
  /// Of one in a registry: the digest that its tag means, as ImageUri::reference; or empty.
  [[nodiscard]] const std::string& named_digest() const noexcept { return named_digest_; }
  /// Whether another tag or digest of its repository means the same image; nullopt where the
  /// registry does not say. Errors: Code::temporary past the deadline.
  [[nodiscard]] Result<std::optional<bool>> is_same_as(std::string_view reference);
  /// The tags of its repository; nullopt where the registry does not list them. Errors: the same.
  [[nodiscard]] Result<std::optional<std::vector<std::string>>> tags();
  /// When the file had been opened, boottime_ns().
  [[nodiscard]] std::int64_t opened_ns() const noexcept { return opened_ns_; }
  [[nodiscard]] std::int64_t deadline_ms() const noexcept { return deadline_ms_; }
  /// For the copy, which may have had to wait for another.
  void set_deadline(std::int64_t deadline_ms) noexcept { deadline_ms_ = deadline_ms; }

  /// Asks for the bytes; read them from data_fd() to its end, then call finish(). Once.
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

/// An image that its owner is opening; what else a launch reads can be read meanwhile.
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

/// Both in one. Errors: Code::usage as ImageName::of(); Code::no_input (missing, unreadable,
/// not a regular file, empty), each naming the image; Code::temporary past the deadline.
[[nodiscard]] Result<OpenedImage> open_image(const std::string& image, const std::string& directory,
                                             const OpenOptions& options);

}  // namespace sifguard
