// Styles that only one page needs are imported by it; Vite loads them with its code.
declare module '*.css';
