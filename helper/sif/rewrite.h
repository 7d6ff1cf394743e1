// Replacing an image file by a changed copy of itself, all or nothing. With the caller's rights, in
// tools and commands; never in the root helper.
//
// The copy is made in the image's own directory, without a name where the file system can do that
// (O_TMPFILE), sharing its blocks where it can do that (FICLONE). It takes the image's name only
// when it is complete, sound and on disk: whatever happens before, a crash included, leaves the old
// image untouched. Until its last read it belongs to the caller alone, mode 0600, so that nobody
// else can open it where it has a name of its own (NFS, GPFS, FUSE): what was checked and signed in
// it is what is there. Then it gets the image's owner, mode and attributes, and its place. It goes
// in by the step that takes the old image out, where the file system can do that, and what came out
// is looked at: a file that somebody else put there at the last moment goes back.
//
// Who is killed may leave the copy (rewrite_name.h): the next one to work on the image, of the same
// user, removes it.
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
  /// Called when the copy is about to have a name: who ends by a signal wants to remove it.
  using OnNamed = std::function<void(int directory_fd, const std::string& name)>;

  /// Opens the image for reading and finds out whether it may be replaced. A symbolic link is
  /// followed: what it leads to is replaced, not the link. Removes what a killed process of this
  /// user has left of the same work. Errors: Code::no_input when it cannot be read or is not a
  /// regular file; Code::cannot_write when the file or its directory is not writable, or another
  /// process rewrites it now.
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

  /// Makes the copy of the content, which only the caller can open. Call once. Errors:
  /// Code::cannot_write (no space, a limit, a file system that lets others write into it);
  /// Code::no_input when the image cannot be read to its end.
  Status copy(const OnCopied& on_copied = nullptr, OnNamed on_named = nullptr);
  /// The copy, readable and writable. Valid from copy() to commit().
  [[nodiscard]] int copied() const noexcept { return copy_.get(); }
  /// Whether the copy belongs to the same user and group as the image. After commit().
  [[nodiscard]] bool owner_kept() const noexcept { return owner_kept_; }
  /// Other names (hard links) of the image as it was opened: they keep the old content.
  [[nodiscard]] std::uint64_t other_names() const noexcept;

  /// Reads the copy as an image once more, gives it the image's mode, owner and extended attributes
  /// as far as the caller may set them (a group that cannot be kept loses the rights that others do
  /// not have), makes it durable and puts it in the image's place. Errors: Code::refused when the
  /// copy is no sound image; Code::cannot_write, also when the image was changed or replaced by
  /// somebody else since open().
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
