// Replacing an image file by a changed copy of itself, all or nothing. With the caller's rights, in
// tools and commands; never in the root helper.
//
// The copy is made in the image's own directory, without a name where the file system can do that
// (O_TMPFILE), sharing its blocks where it can do that (FICLONE). It gets a name only when it is
// complete, sound and on disk, and that name is the image's: whatever happens before, a crash
// included, leaves the old image untouched. Only on file systems without O_TMPFILE (NFS, some FUSE)
// can a killed process leave a ".NAME.*.tmp" behind.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

#include "keystore/base/error.h"
#include "keystore/base/fd.h"

namespace sifguard::sif {

class ImageRewrite {
 public:
  /// Called while the copy is made, with the number of bytes that were copied since the last call.
  using OnCopied = std::function<void(std::uint64_t bytes)>;
  /// Called when the copy must have a name from the start: who ends by a signal wants to remove it.
  using OnNamed = std::function<void(int directory_fd, const std::string& name)>;

  /// Opens the image for reading and finds out whether it may be replaced. A symbolic link is
  /// followed: what it leads to is replaced, not the link. Errors: Code::no_input when it cannot be
  /// read or is not a regular file; Code::cannot_write when the file or its directory is not
  /// writable, or another process rewrites it now.
  [[nodiscard]] static Result<ImageRewrite> open(const std::string& path);

  ImageRewrite(ImageRewrite&&) noexcept = default;
  ImageRewrite& operator=(ImageRewrite&&) = delete;
  ImageRewrite(const ImageRewrite&) = delete;
  ImageRewrite& operator=(const ImageRewrite&) = delete;
  /// What was not committed is gone.
  ~ImageRewrite();

  /// The image as it is; read-only.
  [[nodiscard]] int image() const noexcept { return image_.get(); }
  [[nodiscard]] std::uint64_t size() const noexcept;
  /// The file that is to be replaced, symbolic links resolved.
  [[nodiscard]] std::string path() const { return directory_path_ + "/" + name_; }

  /// Makes the copy: same content, mode, owner and extended attributes, as far as the caller may
  /// set them (a group that cannot be kept loses the rights that others do not have). Call once.
  /// Errors: Code::cannot_write (no space, a limit); Code::no_input when the image cannot be read
  /// to its end.
  Status copy(const OnCopied& on_copied = nullptr, const OnNamed& on_named = nullptr);
  /// The copy, readable and writable. Valid from copy() to commit().
  [[nodiscard]] int copied() const noexcept { return copy_.get(); }
  /// Whether the copy belongs to the same user and group as the image.
  [[nodiscard]] bool owner_kept() const noexcept { return owner_kept_; }

  /// Reads the copy as an image once more, makes it durable and puts it in the image's place.
  /// Errors: Code::refused when the copy is no sound image; Code::cannot_write, also when the image
  /// was changed by somebody else meanwhile.
  Status commit();

 private:
  ImageRewrite() = default;
  Status make_copy_file(const OnNamed& on_named);
  Status copy_attributes();
  Status check_unchanged() const;
  Status name_copy();

  UniqueFd image_;
  UniqueFd directory_;
  UniqueFd copy_;
  struct stat before_ {};
  std::string directory_path_;
  std::string name_;
  std::string temporary_;  ///< name of the copy while it has one
  bool owner_kept_ = true;
};

}  // namespace sifguard::sif
