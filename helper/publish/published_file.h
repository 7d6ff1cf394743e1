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

  /// Whether create() and name() could do their work, as far as that shows without doing it.
  [[nodiscard]] static Status check(const std::string& directory, const std::string& name,
                                    Trust trust);

  /// Takes over the content of `from`. Errors: those of sif::copy_file().
  Status copy(int from, std::uint64_t size, const std::string& shown,
              const std::function<void(std::uint64_t)>& on_copied);
  [[nodiscard]] int fd() const noexcept { return file_.get(); }
  /// Another descriptor, which cannot write.
  [[nodiscard]] Result<UniqueFd> read_only() const;
  /// Errors: Code::usage when there is something under this name.
  [[nodiscard]] Status check_free(const std::string& name) const;
  /// Durable, readable by everybody and changeable by nobody.
  Status finish() const;
  /// Under this name, durably. Whoever comes first has it. Errors: as check_free().
  Status name(const std::string& name) const;
  /// Without a name again, as far as that can be done.
  void take_back(const std::string& name) const noexcept;

 private:
  PublishedFile() = default;
  [[nodiscard]] tl::unexpected<Error> taken(const std::string& name) const;
  std::string shown_;
  UniqueFd directory_, file_;
};

}  // namespace sifguard
