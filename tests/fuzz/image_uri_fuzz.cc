// URIs of images: what is taken cannot leave the host or the path that it names, and is its own
// canonical form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "keystore/policy/image_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Kind = sifguard::ImageUri::Kind;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto uri = sifguard::parse_image_uri(text);
  const auto name = sifguard::ImageName::of("/", text);
  // Either way of making one agrees, and none is a path.
  if (uri && (!name || name->uri() == nullptr)) std::abort();
  if (!uri) return name && name->uri() != nullptr ? (std::abort(), 0) : 0;
  const auto again = sifguard::parse_image_uri(uri->text());
  if (!again || again->text() != uri->text()) std::abort();
  if (uri->host.find_first_of("/@?#\\ \"%") != std::string::npos) std::abort();
  if (uri->host.empty() && uri->kind != Kind::library) std::abort();
  for (const char c : uri->text()) {
    if (c <= ' ' || c > '~' || c == '#') std::abort();
  }
  const std::string path = "/" + uri->path + "/";
  if (path.find("/../") != path.npos || path.find("/./") != path.npos ||
      path.find("//") != path.npos || path.find("%2F") != path.npos) {
    std::abort();
  }
  if (uri->kind == Kind::https) return 0;
  if (uri->path.find_first_of("?#@:\\%") != std::string::npos || uri->reference.empty())
    std::abort();
  return 0;
}
