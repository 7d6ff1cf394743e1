// The file that a published image becomes. Root on an admin's host.
#pragma once

#include <functional>
#include <string>

#include "keystore/base/fd.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// A file in the directory of published images, without a name until it is given one.
class PublishedFile {
 public:
  /// Makes the directory (0755) if it is missing. Errors: Code::config when somebody else could
  /// change files there; Code::cannot_write.
  [[nodiscard]] static Result<PublishedFile> create(const std::string& directory, Trust trust);

  /// Whether create() and name() would succeed, as far as can be seen without doing it.
  [[nodiscard]] static Status check(const std::string& directory, const std::string& name,
                                    Trust trust);

  /// Copies the content of `from`. Errors: those of sif::copy_file().
  Status copy(int from, std::uint64_t size, const std::string& shown,
              const std::function<void(std::uint64_t)>& on_copied);
  [[nodiscard]] int fd() const noexcept { return file_.get(); }
  /// Another descriptor of the file, read only.
  [[nodiscard]] Result<UniqueFd> read_only() const;
  /// Errors: Code::usage when the name is taken.
  [[nodiscard]] Status check_free(const std::string& name) const;
  /// Makes it durable, readable for everybody and writable for nobody.
  Status finish() const;
  /// Gives it this name, durably. Whoever is first gets the name. Errors: those of check_free().
  Status name(const std::string& name) const;
  /// Removes the name again, if possible.
  void take_back(const std::string& name) const noexcept;

 private:
  PublishedFile() = default;
  [[nodiscard]] tl::unexpected<Error> taken(const std::string& name) const;
  std::string shown_;
  UniqueFd directory_, file_;
};

}  // namespace sifguard
