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

/// PATH_MAX. Longer names and patterns are refused and match nothing.
inline constexpr std::size_t kMaxImageName = 4096;

/// The default server for library:// URIs without a host.
inline constexpr std::string_view kUsualLibrary = "library.sylabs.io";

/// An absolute, normal path, or a canonical URI (image_uri.h). Only of() and objects that it
/// returned make one, so that all users of this type (decisions, the cache's index, the audit log,
/// the puller) know an image by one form of its name.
class ImageName {
 public:
  /// Makes one from what a user typed. A relative path is appended to `cwd` (absolute), "." and
  /// ".." are resolved as text (".." at the root stays there), and "//" and a trailing "/" are
  /// reduced. A library:// URI without a host gets `library`. Text that looks like a URI is never
  /// taken for a path: a file of such a name must be written with "./". Errors: Code::usage for an
  /// empty or over-long name, the root directory, a NUL byte, a cwd that is not absolute, or a URI
  /// that has no canonical form.
  [[nodiscard]] static Result<ImageName> of(std::string_view cwd, std::string_view typed,
                                            std::string_view library = kUsualLibrary);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Null for a path.
  [[nodiscard]] const ImageUri* uri() const noexcept { return uri_ ? &*uri_ : nullptr; }
  /// with(): the same repository with another reference (ImageUri::with()). without_host(): the
  /// name in the default library without its host.
  [[nodiscard]] ImageName with(std::string_view reference) const;
  [[nodiscard]] ImageName without_host() const;
  bool operator==(const ImageName& other) const noexcept { return text_ == other.text_; }

 private:
  explicit ImageName(std::string path) : text_(std::move(path)) {}
  explicit ImageName(ImageUri uri) : text_(uri.text()), uri_(std::move(uri)) {}
  std::string text_;
  std::optional<ImageUri> uri_;
};

/// The names by which bindings may know one image.
struct ImageNames {
  /// Its names: a binding that matches one of them is for the image.
  std::vector<ImageName> known = {};
  /// Patterns of further names that it may or may not have. A binding that could match one of them
  /// must also allow, but does not by itself let the image run.
  std::vector<std::string> possible = {};
};

/// The names before a server was asked: all forms of the name, and open_references() of them.
[[nodiscard]] ImageNames names_of(const ImageName& name, std::string_view library = kUsualLibrary);

/// The names of an image of which only these are known: a repository may have the same image under
/// any tag and digest, and a web server with any query.
[[nodiscard]] ImageNames open_references(std::vector<ImageName> known);

/// Like names_of(), for a preview in which no server is asked: another tag is assumed to be another
/// image.
[[nodiscard]] ImageNames names_unasked(const ImageName& name,
                                       std::string_view library = kUsualLibrary);

/// Whether it is "scheme://…" with a lower-case scheme, as in canonical names and patterns.
[[nodiscard]] bool is_image_uri(std::string_view name) noexcept;

/// ImageName::of() for paths: absolute and normal, even if it looks like a URI.
[[nodiscard]] Result<std::string> normalize_path(std::string_view cwd, std::string_view typed);

}  // namespace sifguard
