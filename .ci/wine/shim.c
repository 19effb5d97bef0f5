/* Makes programs that Go 1.26 builds for Windows start under Wine 8.0 (Debian 12). It is
 * installed as bcryptprimitives.dll, which Go's runtime loads before anything else and which
 * Wine 8.0 lacks: Go reads random bytes with its ProcessPrng. Once loaded, it also replaces
 * functions of other DLLs, for calls that Windows answers and this Wine doesn't:
 *
 *   WSAIoctl(SIO_UDP_NETRESET)  net calls it for each UDP socket and takes an error for the
 *                               socket's. It is without effect here.
 *   NtSetInformationFile        for a class that it doesn't know, Wine returns
 *                               STATUS_NOT_IMPLEMENTED. An old Windows returns
 *                               STATUS_INVALID_INFO_CLASS, upon which os removes a file in
 *                               the old way.
 *   AcceptEx                    of a connection that its client has reset, Windows says so, and
 *                               net accepts the next one. Wine says that it isn't connected,
 *                               and net gives up.
 */
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>
#include <string.h>

#define UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#define NOT_IMPLEMENTED ((NTSTATUS)0xC0000002)
#define INVALID_INFO_CLASS ((NTSTATUS)0xC0000003)
#define JUMP 12 /* bytes of a jump to an absolute address */

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T length)
{
	while (length > 0) {
		ULONG part = length > MAXLONG ? MAXLONG : (ULONG)length;
		if (!SystemFunction036(buffer, part))
			return FALSE;
		buffer += part;
		length -= part;
	}
	return TRUE;
}

static int (WINAPI *wine_ioctl)(SOCKET, DWORD, void *, DWORD, void *, DWORD, DWORD *, WSAOVERLAPPED *,
	LPWSAOVERLAPPED_COMPLETION_ROUTINE);

static int WINAPI ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
	WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE done)
{
	if (code != UDP_NETRESET)
		return wine_ioctl(s, code, in, in_size, out, out_size, returned, overlapped, done);
	if (returned)
		*returned = 0;
	return 0;
}

static NTSTATUS (WINAPI *wine_set_information)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, ULONG);

static NTSTATUS WINAPI set_information(HANDLE file, IO_STATUS_BLOCK *io, void *info, ULONG length, ULONG class)
{
	NTSTATUS status = wine_set_information(file, io, info, length, class);
	return status == NOT_IMPLEMENTED ? INVALID_INFO_CLASS : status;
}

/* The error of an AcceptEx, at once or later: no other operation of net ends with it. */
static BOOL reset_if_not_connected(BOOL ok)
{
	if (!ok && GetLastError() == WSAENOTCONN)
		SetLastError(WSAECONNRESET);
	return ok;
}

static BOOL (WINAPI *wine_accept)(SOCKET, SOCKET, void *, DWORD, DWORD, DWORD, DWORD *, OVERLAPPED *);

static BOOL WINAPI accept_ex(SOCKET listener, SOCKET s, void *out, DWORD data, DWORD local, DWORD remote, DWORD *received,
	OVERLAPPED *overlapped)
{
	return reset_if_not_connected(wine_accept(listener, s, out, data, local, remote, received, overlapped));
}

static BOOL (WINAPI *wine_result)(SOCKET, WSAOVERLAPPED *, DWORD *, BOOL, DWORD *);

static BOOL WINAPI result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *transferred, BOOL wait, DWORD *flags)
{
	return reset_if_not_connected(wine_result(s, overlapped, transferred, wait, flags));
}

/* Writes a jump to target somewhere behind base, where an address relative to base (32 bits)
 * reaches it. Returns NULL if there is no room. */
static BYTE *jump_behind(BYTE *base, void *target)
{
	for (ULONG_PTR offset = 16 << 20; offset < MAXLONG; offset += 1 << 20) {
		BYTE *at = VirtualAlloc(base + offset, JUMP, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
		if (!at)
			continue;
		memcpy(at, "\x48\xb8", 2); /* mov rax, target */
		memcpy(at + 2, &target, 8);
		memcpy(at + 10, "\xff\xe0", 2); /* jmp rax */
		return at;
	}
	return NULL;
}

/* Replaces an exported function for all that look it up from now on, as Go does with
 * GetProcAddress. Returns the original. */
static void *replace(const char *dll, const char *function, void *with)
{
	BYTE *base = (BYTE *)LoadLibraryA(dll);
	if (!base)
		return NULL;
	IMAGE_NT_HEADERS *headers = (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
	IMAGE_EXPORT_DIRECTORY *exports =
		(void *)(base + headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress);
	DWORD *names = (void *)(base + exports->AddressOfNames);
	DWORD *functions = (void *)(base + exports->AddressOfFunctions);
	WORD *ordinals = (void *)(base + exports->AddressOfNameOrdinals);
	for (DWORD i = 0; i < exports->NumberOfNames; i++) {
		if (lstrcmpA((char *)base + names[i], function))
			continue;
		DWORD *entry = &functions[ordinals[i]], protection;
		BYTE *original = base + *entry, *jump = jump_behind(base, with);
		if (!jump || !VirtualProtect(entry, sizeof *entry, PAGE_READWRITE, &protection))
			return NULL;
		*entry = (DWORD)(jump - base);
		VirtualProtect(entry, sizeof *entry, protection, &protection);
		return original;
	}
	return NULL;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
	(void)self, (void)reserved;
	if (reason == DLL_PROCESS_ATTACH) {
		wine_ioctl = replace("ws2_32.dll", "WSAIoctl", ioctl);
		wine_set_information = replace("ntdll.dll", "NtSetInformationFile", set_information);
		wine_accept = replace("mswsock.dll", "AcceptEx", accept_ex);
		wine_result = replace("ws2_32.dll", "WSAGetOverlappedResult", result);
		return wine_ioctl && wine_set_information && wine_accept && wine_result;
	}
	return TRUE;
}
