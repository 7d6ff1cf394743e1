// The file that a published image becomes. Root on an admin's host.
#pragma once

#include <functional>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// A file without a name in the directory of published images, until it is given one.
class PublishedFile {
 public:
  /// Makes the directory (0755) if it is missing. Errors: Code::config when somebody else could
  /// change what lies there; Code::cannot_write.
  [[nodiscard]] static Result<PublishedFile> create(const std::string& directory, Trust trust);

  /// Takes over the content of `from`. Errors: those of sif::copy_file().
  Status copy(int from, std::uint64_t size, const std::string& shown,
              const std::function<void(std::uint64_t)>& on_copied);
  [[nodiscard]] int fd() const noexcept { return file_.get(); }
  /// Another descriptor, which cannot write.
  [[nodiscard]] Result<UniqueFd> read_only() const;
  /// Durable, readable by everybody and changeable by nobody, under this name; a file that is there
  /// and that no binding speaks of gives way.
  Status name(const std::string& name);

 private:
  PublishedFile() = default;
  std::string shown_;
  UniqueFd directory_, file_;
};

}  // namespace sifguard
