// URIs of images: what is taken cannot leave the host or the path that it names.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "helper/pull/image_uri.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Kind = sifguard::ImageUri::Kind;
  const auto uri = sifguard::parse_image_uri({reinterpret_cast<const char*>(data), size});
  if (!uri) return 0;
  if (uri->host.find_first_of("/@?#\\ \"") != std::string::npos) std::abort();
  if (uri->host.empty() && uri->kind != Kind::library) std::abort();
  for (const char c : uri->path + uri->reference) {
    if (c <= ' ' || c > '~') std::abort();
  }
  if (uri->kind == Kind::https) return 0;
  const std::string path = "/" + uri->path + "/";
  if (path.find("/../") != path.npos || path.find("//") != path.npos) std::abort();
  if (uri->path.find_first_of("?#@:\\") != std::string::npos || uri->reference.empty())
    std::abort();
  return 0;
}
