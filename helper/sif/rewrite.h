// Replaces an image file by a changed copy of itself, all or nothing. With the caller's rights, in
// tools and commands; never in the root helper.
//
// The copy is made in the image's own directory, without a name (O_TMPFILE) and sharing the image's
// blocks (FICLONE) where the file system supports these. It gets the image's name only when it is
// complete, sound and on disk: whatever happens before, a crash included, leaves the old image
// untouched. Until it has been read for the last time it belongs to the caller alone, mode 0600, so
// that nobody else can open it even where it has a name (NFS, GPFS, FUSE), and its content is what
// was checked and signed. Then it gets the image's owner, mode and attributes, and its name. Where
// the file system supports that, the copy and the old image are exchanged in one step, and the file
// that was taken out is checked: if somebody else put it there at the last moment, it is put back.
//
// A process that is killed may leave its copy (rewrite_name.h): the next process of the same user
// that works on the image removes it.
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
  /// Called before the copy gets a name, so that a signal handler can remove it.
  using OnNamed = std::function<void(int directory_fd, const std::string& name)>;

  /// Opens the image for reading and checks whether it may be replaced. A symbolic link is
  /// followed: its target is replaced, not the link. Removes copies of this image that killed
  /// processes of this user have left. Errors: Code::no_input when it cannot be read or is not a
  /// regular file; Code::cannot_write when the file or its directory is not writable, or another
  /// process rewrites it now.
  [[nodiscard]] static Result<ImageRewrite> open(const std::string& path);

  ImageRewrite(ImageRewrite&&) noexcept = default;
  ImageRewrite& operator=(ImageRewrite&&) = delete;
  ImageRewrite(const ImageRewrite&) = delete;
  ImageRewrite& operator=(const ImageRewrite&) = delete;
  /// Discards the copy unless it was committed.
  ~ImageRewrite();

  /// The image as it is; read-only.
  [[nodiscard]] int image() const noexcept { return image_.get(); }
  [[nodiscard]] std::uint64_t size() const noexcept;
  /// The file that is to be replaced, symbolic links resolved.
  [[nodiscard]] std::string path() const { return directory_path_ + "/" + name_; }

  /// Copies the content into a file that only the caller can open. Call once. Errors:
  /// Code::cannot_write (no space, a limit, a file system that lets others write into it);
  /// Code::no_input when the image cannot be read to its end.
  Status copy(const OnCopied& on_copied = nullptr, OnNamed on_named = nullptr);
  /// The copy, readable and writable. Valid from copy() to commit().
  [[nodiscard]] int copied() const noexcept { return copy_.get(); }
  /// Whether the copy belongs to the same user and group as the image. After commit().
  [[nodiscard]] bool owner_kept() const noexcept { return owner_kept_; }
  /// The number of other names (hard links) that the image had when it was opened: they keep the
  /// old content.
  [[nodiscard]] std::uint64_t other_names() const noexcept;

  /// Parses the copy as an image again, gives it the image's mode, owner and extended attributes as
  /// far as the caller may set them (a group that cannot be kept loses the rights that others do
  /// not have), makes it durable and replaces the image by it. Errors: Code::refused when the copy
  /// is not a sound image; Code::cannot_write, also when somebody else changed or replaced the
  /// image since open().
  Status commit();

 private:
  ImageRewrite() = default;
  Status examine(const std::string& path);
  void remove_leftovers() const;
  Status make_copy_file();
  Status check_private() const;
  Status copy_attributes();
  Status sync_copy() const;
  [[nodiscard]] tl::unexpected<Error> changed_meanwhile() const;
  Status check_unchanged() const;
  Status new_temporary();
  Status name_copy();
  Status replace();
  Status check_taken_out();

  UniqueFd image_;
  UniqueFd directory_;
  UniqueFd copy_;
  struct stat before_ {};
  std::string directory_path_;
  std::string name_;
  std::string temporary_;  ///< name of the copy while it has one
  OnNamed on_named_;
  bool owner_kept_ = true;
};

}  // namespace sifguard::sif
