// Names of images, in their one canonical form. Pure text; nothing is looked up, and nothing here
// grants anything. Patterns that select them: image_pattern.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/image_uri.h"

namespace sifguard {

/// PATH_MAX; longer names and patterns are refused and match nothing.
inline constexpr std::size_t kMaxImageName = 4096;

/// The library of library:// URIs that name none, where a site says nothing else.
inline constexpr std::string_view kUsualLibrary = "library.sylabs.io";

/// An absolute, normal path, or a canonical URI (image_uri.h). Only of() and what it returned make
/// one, so that whoever takes this type (decisions, the cache's index, the audit log, the puller)
/// knows an image by one spelling.
class ImageName {
 public:
  /// What a user typed. A relative path is put after `cwd` (absolute), "." and ".." are resolved as
  /// text (".." at the root stays there) and "//" and a trailing "/" collapse. A library:// URI
  /// without a host is given `library`. What looks like a URI is never taken for a path: a file of
  /// such a name is written with "./". Errors: Code::usage for an empty or over-long name, a NUL
  /// byte, a cwd that is not absolute, or a URI that has no canonical form.
  [[nodiscard]] static Result<ImageName> of(std::string_view cwd, std::string_view typed,
                                            std::string_view library = kUsualLibrary);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Null for a path.
  [[nodiscard]] const ImageUri* uri() const noexcept { return uri_ ? &*uri_ : nullptr; }
  /// The same repository by another reference (ImageUri::with()), and the usual library by no host.
  [[nodiscard]] ImageName with(std::string_view reference) const;
  [[nodiscard]] ImageName without_host() const;
  bool operator==(const ImageName& other) const noexcept { return text_ == other.text_; }

 private:
  explicit ImageName(std::string path) : text_(std::move(path)) {}
  explicit ImageName(ImageUri uri) : text_(uri.text()), uri_(std::move(uri)) {}
  std::string text_;
  std::optional<ImageUri> uri_;
};

/// What bindings may know one image by.
struct ImageNames {
  /// Its names: a binding that matches one is for the image.
  std::vector<ImageName> known = {};
  /// Patterns of further names that it may have, or may not. A binding that could match one holds
  /// as well, though it is no reason to let the image run.
  std::vector<std::string> possible = {};
};

/// Before a server was asked, all forms of the name, and open_references() of them.
[[nodiscard]] ImageNames names_of(const ImageName& name, std::string_view library = kUsualLibrary);

/// The possible names of what is known by these alone: a repository may have the same image under
/// any tag and digest, and a web server whatever the query is.
[[nodiscard]] ImageNames open_references(std::vector<ImageName> known);

/// As names_of(), for a preview where no server is asked: another tag is taken to be another image.
[[nodiscard]] ImageNames names_unasked(const ImageName& name,
                                       std::string_view library = kUsualLibrary);

/// "scheme://…" with a lower-case scheme, as canonical names and patterns have it.
[[nodiscard]] bool is_image_uri(std::string_view name) noexcept;

/// The path part of ImageName::of(): absolute and normal, whatever it looks like.
[[nodiscard]] Result<std::string> normalize_path(std::string_view cwd, std::string_view typed);

}  // namespace sifguard
