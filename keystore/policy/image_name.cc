// Names of images: absolute paths and URIs. Pure text.
#include "keystore/policy/image_name.h"

#include <algorithm>

#include "keystore/base/text.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/uri_part.h"

namespace sifguard {
namespace {

std::vector<ImageName> forms_of(const ImageName& name, std::string_view library) {
  std::vector<ImageName> forms = {name};
  const ImageUri* const uri = name.uri();
  const bool usual = uri != nullptr && uri->kind == ImageUri::Kind::library &&
                     canonical_host(library) == uri->host;
  // Where an entity has a dot, the form without a host would name that as its host.
  if (usual && uri->path.substr(0, uri->path.find('/')).find('.') == std::string::npos) {
    forms.push_back(name.without_host());
  }
  return forms;
}

}  // namespace

bool is_image_uri(std::string_view name) noexcept {
  const std::size_t end = name.find("://");
  if (end == std::string_view::npos || end == 0 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(end), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

Result<std::string> normalize_path(std::string_view cwd, std::string_view typed) {
  std::string path(typed);
  if (!typed.starts_with('/')) {
    if (cwd.empty() || cwd.front() != '/') {
      return fail(Code::usage,
                  "the image's name is relative and the working directory is not known",
                  "give the image's absolute path");
    }
    path.insert(0, std::string(cwd) + "/");
  }
  std::vector<std::string> kept;
  for (std::string& part : split(path, '/')) {
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!part.empty() && part != ".") {
      kept.push_back(std::move(part));
    }
  }
  std::string name;
  for (const std::string& part : kept) name += "/" + part;
  if (name.empty()) name = "/";
  if (name.size() >= kMaxImageName) return fail(Code::usage, "the image's name is too long");
  return name;
}

Result<ImageName> ImageName::of(std::string_view cwd, std::string_view typed,
                                std::string_view library) {
  if (typed.empty()) return fail(Code::usage, "the image's name is empty");
  if (typed.find('\0') != std::string_view::npos) {
    return fail(Code::usage, "the image's name contains a NUL byte");
  }
  if (!looks_like_uri(typed)) {
    SG_TRY(std::string path, normalize_path(cwd, typed));
    if (path == "/") {
      return fail(Code::usage, "the image's name is '/', the root directory",
                  "give the path of an image's file");
    }
    return ImageName(std::move(path));
  }
  SG_TRY(ImageUri uri, parse_image_uri(typed));
  if (uri.kind == ImageUri::Kind::library && uri.host.empty()) {
    auto host = canonical_host(library);
    if (!host) return fail(Code::config, "the site's `library` " + host.error().what());
    uri.host = *std::move(host);
    SG_TRY(uri, parse_image_uri(uri.text()));
  }
  return ImageName(std::move(uri));
}

ImageName ImageName::with(std::string_view reference) const {
  ImageUri other = *uri_;
  other.reference = reference;
  return ImageName(std::move(other));
}

ImageName ImageName::without_host() const {
  ImageUri other = *uri_;
  other.host.clear();
  return ImageName(std::move(other));
}

ImageNames names_of(const ImageName& name, std::string_view library) {
  return open_references(forms_of(name, library));
}

ImageNames open_references(std::vector<ImageName> known) {
  ImageNames names{std::move(known)};
  for (const ImageName& form : names.known) {
    if (form.uri() == nullptr) continue;
    const std::string place = escaped_pattern(form.uri()->place());
    if (form.uri()->kind == ImageUri::Kind::https) {
      if (!form.uri()->reference.empty()) names.possible.push_back(place);
      names.possible.push_back(place + "[?]*");
    } else {
      names.possible.push_back(place + "[:@]*");
    }
  }
  return names;
}

ImageNames names_unasked(const ImageName& name, std::string_view library) {
  ImageNames names = names_of(name, library);
  const ImageUri* const uri = name.uri();
  if (uri == nullptr || uri->kind == ImageUri::Kind::https || uri->by_digest()) return names;
  names.possible.clear();
  for (const ImageName& form : names.known) {
    const bool library_form = form.uri()->kind == ImageUri::Kind::library;
    names.possible.push_back(escaped_pattern(form.uri()->place()) +
                             (library_form ? ":sha256.*" : "@sha256:*"));
  }
  return names;
}

}  // namespace sifguard
