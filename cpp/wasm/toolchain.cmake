# How the core becomes WebAssembly: flags, headers and the module targets.

# Never -I/usr/include: the host's C library would shadow Emscripten's. A folder of links to just these header directories.
set(host_headers ${CMAKE_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${host_headers})
foreach(library xtensor xtl doctest nlohmann)
  find_path(${library}_parent ${library} PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  file(CREATE_LINK ${${library}_parent}/${library} ${host_headers}/${library} SYMBOLIC)
endforeach()
target_include_directories(clearformer_settings SYSTEM INTERFACE ${host_headers})

if(EMSCRIPTEN_VERSION VERSION_GREATER_EQUAL 3.1.60)
  set(wasm_modern ON)
  set(wasm_exceptions -fwasm-exceptions)
  set(wasm_stack -sSTACK_SIZE=1MB)
else()
  message(STATUS "Emscripten ${EMSCRIPTEN_VERSION}: only the base SIMD variant is built; 3.1.60 or later also builds the relaxed one")
  set(wasm_modern OFF)
  set(wasm_exceptions -fexceptions)
  set(wasm_stack -sTOTAL_STACK=1MB)
endif()
target_compile_options(clearformer_settings INTERFACE -msimd128 -mbulk-memory -mnontrapping-fptoint ${wasm_exceptions})
target_link_options(clearformer_settings INTERFACE ${wasm_exceptions} -sALLOW_MEMORY_GROWTH -sINITIAL_MEMORY=16MB)

# The doctest binary, run by Node with the real file system.
function(clearformer_wasm_tests target)
  set_target_properties(${target} PROPERTIES SUFFIX .cjs)
  target_link_options(${target} PRIVATE -sNODERAWFS -sEXIT_RUNTIME ${wasm_stack})
endfunction()

# What every module is linked from besides its table, compiled once. Objects, not an archive: some replace functions of the core and of
# the runtime.
add_library(clearformer_boundary OBJECT)
target_sources(clearformer_boundary PRIVATE ${CMAKE_SOURCE_DIR}/cpp/wasm/convert.cpp ${CMAKE_SOURCE_DIR}/cpp/wasm/table.cpp
  ${CMAKE_SOURCE_DIR}/cpp/wasm/every_module.cpp ${CMAKE_SOURCE_DIR}/cpp/wasm/clock.cpp
  ${CMAKE_SOURCE_DIR}/cpp/wasm/number_text.cpp ${CMAKE_SOURCE_DIR}/cpp/wasm/runtime.cpp)
target_link_libraries(clearformer_boundary PRIVATE clearformer_settings)
target_compile_options(clearformer_boundary PRIVATE -fno-rtti)
target_compile_definitions(clearformer_boundary PUBLIC EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
target_precompile_headers(clearformer_boundary PRIVATE ${CMAKE_SOURCE_DIR}/cpp/wasm/table.hpp)
# What opens traces, for the modules that have some. The estimator's have plans instead.
add_library(clearformer_traces OBJECT ${CMAKE_SOURCE_DIR}/cpp/wasm/trace_functions.cpp)
target_link_libraries(clearformer_traces PRIVATE clearformer_settings)
target_compile_options(clearformer_traces PRIVATE -fno-rtti)
target_compile_definitions(clearformer_traces PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
target_precompile_headers(clearformer_traces REUSE_FROM clearformer_boundary)
set(wasm_untraced estimate plan training)

function(clearformer_wasm_module name source library)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE clearformer_boundary ${library})
  if(NOT name IN_LIST wasm_untraced)
    target_link_libraries(${name} PRIVATE clearformer_traces)
  endif()
  target_compile_options(${name} PRIVATE -fno-rtti)
  set_target_properties(${name} PROPERTIES SUFFIX .mjs)
  target_link_options(${name} PRIVATE -fno-rtti -lembind -sSUPPORT_LONGJMP=0 -sMODULARIZE -sEXPORT_ES6 -sEXPORT_NAME=createCore -sDYNAMIC_EXECUTION=0
    -sMALLOC=emmalloc -sFILESYSTEM=0 -sENVIRONMENT=web,worker ${wasm_stack} -sMAXIMUM_MEMORY=2GB
    -sINCOMING_MODULE_JS_API=instantiateWasm,wasmBinary)
endfunction()

# What scripts/bench.mjs times; built only when asked for.
function(clearformer_bench_module name library)
  set(bench ${CMAKE_SOURCE_DIR}/cpp/bench/bench.cpp)
  clearformer_wasm_module(${name} "${bench};${CMAKE_SOURCE_DIR}/cpp/wasm/bench_boundary.cpp" ${library})
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  set_source_files_properties(${bench} PROPERTIES COMPILE_OPTIONS -O3)
endfunction()

# `modules` builds everything that is loaded: one module for each *_module.cpp beside this file. They run on the base variant, so that
# what a link replays is the same everywhere; operations and heads also come as relaxed SIMD, for large matrices.
function(clearformer_wasm_modules)
  # For the type checker; the glue itself is written by scripts/describe.mjs.
  file(WRITE ${CMAKE_BINARY_DIR}/glue.d.mts
    "declare const createCore: (options: object) => Promise<any>;\nexport default createCore;\n")
  target_compile_options(clearformer PRIVATE -fno-rtti)
  file(GLOB tables CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/wasm/*_module.cpp)
  list(REMOVE_ITEM tables ${CMAKE_SOURCE_DIR}/cpp/wasm/every_module.cpp)
  if(wasm_modern)
    foreach(table ${tables})
      get_filename_component(name ${table} NAME)
      string(REPLACE "_module.cpp" "" name ${name})
      clearformer_wasm_module(${name} ${table} clearformer)
      target_precompile_headers(${name} REUSE_FROM clearformer_boundary)
      list(APPEND built ${name})
    endforeach()
    set(relaxed_sources ${core_sources})
    list(FILTER relaxed_sources INCLUDE REGEX "/clearformer/((ops|position|attention)/)?[a-z0-9_]+\\.cpp$")
    add_library(clearformer_relaxed STATIC ${relaxed_sources})
    target_link_libraries(clearformer_relaxed PUBLIC clearformer_settings)
    target_compile_options(clearformer_relaxed PUBLIC -mrelaxed-simd PRIVATE -fno-rtti)
    target_precompile_headers(clearformer_relaxed PRIVATE ${CMAKE_SOURCE_DIR}/cpp/clearformer/fields.hpp
      ${CMAKE_SOURCE_DIR}/cpp/clearformer/trace.hpp)
    foreach(name operations heads)
      clearformer_wasm_module(${name}-relaxed ${CMAKE_SOURCE_DIR}/cpp/wasm/${name}_module.cpp clearformer_relaxed)
    endforeach()
    add_custom_target(modules DEPENDS ${built} operations-relaxed heads-relaxed)
    clearformer_bench_module(bench clearformer)
    clearformer_bench_module(bench-relaxed clearformer_relaxed)
    file(GLOB trained CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cpp/clearformer/blocks/*.cpp ${CMAKE_SOURCE_DIR}/cpp/clearformer/train/*.cpp)
    target_sources(bench-relaxed PRIVATE ${trained} ${CMAKE_SOURCE_DIR}/cpp/clearformer/sampling/sampling_kernels.cpp)
  else()
    # With JavaScript exceptions each module needs glue of its own, so there is only one.
    clearformer_wasm_module(text "${tables}" clearformer)
    add_custom_target(modules DEPENDS text)
  endif()
endfunction()
