# The headers that nearly every source includes, parsed once for all libraries: half of what compiling an
# average file takes.
function(sifguard_precompile directory)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    get_target_property(own ${target} PRECOMPILE_HEADERS)
    get_target_property(reused ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    get_target_property(options ${target} COMPILE_OPTIONS)
    # Other options would need another precompiled header.
    if(type STREQUAL "STATIC_LIBRARY" AND NOT own AND NOT reused AND NOT options)
      target_precompile_headers(${target} REUSE_FROM sifguard_base)
    endif()
  endforeach()
  get_property(children DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(child ${children})
    sifguard_precompile(${child})
  endforeach()
endfunction()

target_precompile_headers(sifguard_base PRIVATE
  <algorithm> <array> <cerrno> <cstdint> <functional> <memory> <optional> <span> <string> <string_view>
  <vector> <tl/expected.hpp>)
sifguard_precompile(${PROJECT_SOURCE_DIR}/keystore)
sifguard_precompile(${PROJECT_SOURCE_DIR}/helper)
