// The position of each binding in images.yaml, and the images that it matches. Pure.
#include "keystore/policy/images_index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>

#include "keystore/base/bytes.h"
#include "keystore/base/fd.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "SGINDEX2";
constexpr std::string_view kHead = "version: 1\nimages:\n";  // before bindings that are read alone
constexpr std::size_t kTogether = 128;  // few enough for their nodes to stay in the cache

struct Place {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t line = 0;
};

Place read_place(ByteReader& reader) {
  Place place;
  for (std::uint32_t* const one : {&place.offset, &place.size, &place.line}) {
    *one = static_cast<std::uint32_t>(reader.be(4));
  }
  return place;
}

/// Calls `each` with the place of every binding and whether it is for one of the names. False for
/// an index that is malformed or of another file.
template <typename Each>
bool walk(std::string_view index, std::size_t file_size, const ImagesDigest& digest,
          const ImageNames* names, Each each) {
  ByteReader reader(index);
  if (!is_index_of(index, digest)) return false;
  (void)reader.raw(kMagic.size() + digest.size());
  const std::uint64_t count = reader.be(4);
  for (std::uint64_t i = 0; i < count && reader.good(); ++i) {
    const Place place = read_place(reader);
    bool wanted = names == nullptr;
    for (std::uint64_t left = reader.be(2); left > 0 && reader.good(); --left) {
      const std::string_view pattern = reader.raw(reader.be(2));
      wanted = wanted || may_match(pattern, *names);
    }
    if (place.offset > file_size || place.size > file_size - place.offset) return false;
    if (reader.good() && wanted) each(place);
  }
  return reader.finished();
}

/// Parses the bindings at these places, which are in their order.
std::optional<Policy> parse_at(std::string_view yaml, std::span<const Place> places) {
  Policy whole;
  whole.bindings.reserve(places.size());
  while (!places.empty()) {
    const auto some = places.first(std::min(places.size(), kTogether));
    places = places.subspan(some.size());
    std::string text(kHead);
    for (const Place& place : some) text += yaml.substr(place.offset, place.size);
    auto policy = parse_policy(text);
    if (!policy || policy->bindings.size() != some.size()) return std::nullopt;
    for (std::size_t i = 0; i < some.size(); ++i) {
      policy->bindings[i].line = static_cast<int>(some[i].line);
    }
    std::move(policy->bindings.begin(), policy->bindings.end(), std::back_inserter(whole.bindings));
  }
  return whole;
}

/// Where lines begin; one more for the end of the file.
std::vector<std::size_t> line_starts(std::string_view yaml) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t at = yaml.find('\n'); at != std::string_view::npos;
       at = yaml.find('\n', at + 1)) {
    starts.push_back(at + 1);
  }
  if (starts.back() != yaml.size()) starts.push_back(yaml.size());
  return starts;
}

/// The lines of each binding. Whether they can stand alone is tried, not reasoned.
std::optional<std::vector<Place>> places_of(std::string_view yaml) {
  const auto root = parse_yaml(yaml, kImagesFile, kMaxImagesSize);
  if (!root) return std::nullopt;
  const auto images = YamlView(*root, kImagesFile).field("images");
  if (!images || images->node().flow) return std::nullopt;
  const auto starts = line_starts(yaml);
  std::vector<Place> places;
  for (const YamlNode& item : images->node().items) {
    const auto first = static_cast<std::size_t>(item.line);
    const auto last = static_cast<std::size_t>(item.last_line);
    if (first < 1 || last < first || last >= starts.size()) return std::nullopt;
    const std::size_t begin = starts[first - 1];
    if (!places.empty() && begin < places.back().offset + places.back().size) return std::nullopt;
    if (yaml[starts[last] - 1] != '\n') return std::nullopt;
    places.push_back({static_cast<std::uint32_t>(begin),
                      static_cast<std::uint32_t>(starts[last] - begin),
                      static_cast<std::uint32_t>(first)});
  }
  return places;
}

}  // namespace

std::optional<std::string> make_images_index(std::string_view yaml, const ImagesDigest& digest,
                                             const Policy& policy) {
  const auto places = places_of(yaml);
  if (!places || places->size() != policy.bindings.size()) return std::nullopt;
  ByteWriter index;
  index.raw(kMagic);
  index.raw(as_text(digest));
  index.be(places->size(), 4);
  for (std::size_t i = 0; i < places->size(); ++i) {
    const Place& place = (*places)[i];
    const Binding& binding = policy.bindings[i];
    const auto alone = parse_at(yaml, std::span(&place, 1));
    if (!alone || alone->bindings.front() != binding) return std::nullopt;
    for (const std::uint32_t one : {place.offset, place.size, place.line}) index.be(one, 4);
    if (binding.match.size() > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    index.be(binding.match.size(), 2);
    for (const std::string& pattern : binding.match) {
      index.be(pattern.size(), 2);  // at most kMaxImageName
      index.raw(pattern);
    }
  }
  return index.take();
}

bool is_index_of(std::string_view index, const ImagesDigest& digest) noexcept {
  return index.starts_with(kMagic) && index.substr(kMagic.size()).starts_with(as_text(digest));
}

std::optional<Policy> indexed_bindings(std::string_view index, std::string_view yaml,
                                       const ImagesDigest& digest, const ImageNames& names) {
  std::vector<Place> places;
  const auto take = [&](const Place& place) { places.push_back(place); };
  if (!walk(index, yaml.size(), digest, &names, take)) return std::nullopt;
  return parse_at(yaml, places);
}

std::optional<Policy> all_indexed_bindings(std::string_view index, std::string_view yaml,
                                           const ImagesDigest& digest) {
  std::vector<Place> places;
  const auto take = [&](const Place& place) { places.push_back(place); };
  if (!walk(index, yaml.size(), digest, nullptr, take)) return std::nullopt;
  return parse_at(yaml, places);
}

}  // namespace sifguard
